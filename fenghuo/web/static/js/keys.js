// Making a passkey: ask the server for a challenge, let the device make the key, send the form. And printing a sheet of codes.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readable(options) {
  const known = (options.excludeCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const user = { ...options.user, id: bytes(options.user.id) };
  return { ...options, user, challenge: bytes(options.challenge), excludeCredentials: known };
}

function writable(credential) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: text(credential.response.clientDataJSON),
      attestationObject: text(credential.response.attestationObject),
      transports: credential.response.getTransports?.() ?? [],
    },
  };
}

async function make(form, button, status) {
  status.textContent = status.dataset.asking;
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(form.dataset.register, { method: "POST", headers: { "X-CSRFToken": token } });
  const body = await answer.json();
  if (!answer.ok) { status.textContent = body.reason; return; }
  try {
    const credential = await navigator.credentials.create({ publicKey: readable(body.options) });
    form.elements.passkey.value = JSON.stringify(writable(credential));
  } catch {
    status.textContent = status.dataset.failed;
    return;
  }
  status.textContent = "";
  form.requestSubmit(button.dataset.submit ? form.querySelector(button.dataset.submit) : null);
}

for (const form of document.querySelectorAll("form[data-register]")) {
  const button = form.querySelector("[data-register-button]");
  if (!button || !window.PublicKeyCredential) continue;
  button.closest("[hidden]").hidden = false;
  button.addEventListener("click", () => make(form, button, form.querySelector("[data-register-status]")));
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
