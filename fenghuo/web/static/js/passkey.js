// The passkey ceremony: ask the server for a challenge bound to what is signed, let the device answer it, send the form.

const form = document.querySelector("form[data-passkey]");
const button = form?.querySelector("[data-passkey-button]");
const status = form?.querySelector("[data-passkey-status]");

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readable(options) {
  const allowed = (options.allowCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  return { ...options, challenge: bytes(options.challenge), allowCredentials: allowed };
}

function writable(credential) {
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

async function ceremony() {
  status.textContent = status.dataset.asking;
  const token = form.elements.csrfmiddlewaretoken.value;
  const answer = await fetch(form.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token } });
  const body = await answer.json();
  if (!answer.ok) { status.textContent = body.reason; return; }
  try {
    const credential = await navigator.credentials.get({ publicKey: readable(body.options) });
    form.elements.nonce.value = body.nonce;
    form.elements.passkey.value = JSON.stringify(writable(credential));
    form.requestSubmit(form.querySelector("button:not([type=button])"));
  } catch {
    status.textContent = status.dataset.failed;
  }
}

if (button && window.PublicKeyCredential) {
  button.closest("[hidden]").hidden = false;
  button.addEventListener("click", ceremony);
}
