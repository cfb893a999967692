"""How a gateway account is and what is wrong with it, in plain words with the next step: for pages and for `fenghuo doctor`."""

from django.utils.translation import gettext, gettext_noop

# state: words and tone
STATES = {
    "bound": (gettext_noop("Connected"), "good"),
    "connecting": (gettext_noop("Connecting"), "warn"),
    "refused": (gettext_noop("Refused"), "bad"),
    "throttled": (gettext_noop("Slowed down by the carrier"), "warn"),
    "silent": (gettext_noop("Connected but silent"), "bad"),
    "down": (gettext_noop("Down"), "bad"),
    "paused": (gettext_noop("Paused"), "warn"),
}
NEXT = {
    "bound": "",
    "connecting": gettext_noop("Connects again by itself, at most half a minute from now."),
    "refused": gettext_noop("Nothing leaves by it until a person has put right what is wrong."),
    "throttled": gettext_noop("Sending goes on more slowly and picks up by itself."),
    "silent": gettext_noop("Fenghuo connects anew by itself; call the carrier if it stays so."),
    "down": gettext_noop("Nothing leaves by it. Fenghuo tries again by itself; check the line, then call the carrier."),
    "paused": gettext_noop("The sending is paused; a signer resumes it on the duty desk."),
}
ERRORS = {
    "restored": gettext_noop(
        "This installation was restored from a backup. The account is kept out of the gateway, where the old installation may "
        "still be logged in and would lose its receipts to this one. It logs in when a signer first resumes the sending."
    ),
    "no_sender": gettext_noop("No sender is running on any machine."),
    "connect_refused": gettext_noop("Nobody answers at the gateway’s address."),
    "connect_failed": gettext_noop("This machine cannot open a connection: see the log of the sender."),
    "connect_timeout": gettext_noop("Nothing answers at the gateway’s address: check host, port and firewall."),
    "connect_unknown": gettext_noop("The gateway’s name is not known to the DNS: check host and name server."),
    "no_answer": gettext_noop("The gateway does not answer."),
    "silence": gettext_noop("The gateway does not answer."),
    "lost": gettext_noop("The line was lost; connecting again."),
    "terminated": gettext_noop("The gateway said good-bye; connecting again."),
    "version": gettext_noop(
        "The gateway speaks another version of CMPP: set protocol to cmpp2 or cmpp3 as the carrier says."
    ),
    "login_4": gettext_noop(
        "The gateway does not speak this version of CMPP: set protocol to cmpp2 or cmpp3 as the carrier says."
    ),
    "login_password": gettext_noop(
        "The gateway refused the login: wrong password. Compare the secret file with the carrier."
    ),
    "login_system_id": gettext_noop("The gateway refused the login: it does not know this system_id."),
    "login_system_type": gettext_noop("The gateway refused the login: system_type is not what it expects."),
    "login_bind_failed": gettext_noop(
        "The gateway refused the login without saying why: ask the carrier about account, address and kind of bind."
    ),
    "login_bind_state": gettext_noop(
        "The gateway does not allow this kind of bind: set bind to trx or tx_rx as the carrier says."
    ),
    "login_already_bound": gettext_noop(
        "The gateway says that this account is logged in already: another sender, or an old connection that it has not given up."
    ),
    "login_unfit": gettext_noop(
        "The secret is not one that SMPP can carry: a password has at most 64 plain characters. Nothing was sent to the gateway."
    ),
    "protocol": gettext_noop("The gateway answered wrongly: call the carrier."),
    "unproven": gettext_noop("The gateway could not prove who it is: call the carrier."),
    "mode": gettext_noop("The gateway belongs to the other mode."),
    "secret_missing": gettext_noop("The secret file cannot be read: put the shared secret there, mode 0600."),
    "secret_rights": gettext_noop(
        "Others may read the secret file: run chmod 600 on it. Then the account connects by itself."
    ),
    "secret_empty": gettext_noop("The secret file is empty: put the shared secret there."),
    "secret_long": gettext_noop("The secret file is too large to be a shared secret: put the right one there."),
    "tls_ca_file": gettext_noop("The file of trusted certificates cannot be read or holds none."),
    "tls_untrusted": gettext_noop(
        "The gateway’s certificate is not one that we trust: check tls_ca_file with the carrier."
    ),
    "tls_name": gettext_noop("The gateway’s certificate bears another name: check tls_server_name with the carrier."),
    "tls_expired": gettext_noop("The gateway’s certificate has expired: call the carrier."),
    "tls_not_yet": gettext_noop(
        "The gateway’s certificate is not valid yet: check this machine’s clock, then call the carrier."
    ),
    "tls_not_spoken": gettext_noop("The gateway does not speak TLS at this port: check port and tls with the carrier."),
    "tls_failed": gettext_noop("No TLS connection came about: the gateway offers no version or cipher that we accept."),
    "tls_timeout": gettext_noop("The gateway did not finish the TLS handshake: check port and tls with the carrier."),
    "login_closed": gettext_noop(
        "The gateway ends the connection instead of answering the login: is our address on its list, does it want TLS, and is "
        "this the port and the protocol that it speaks? Another protocol’s door closes in the same way."
    ),
    "login_401": gettext_noop(
        "The gateway does not accept our signature: check account, secret and this machine’s clock."
    ),
    "not_http": gettext_noop("What answers does not speak HTTP: check host, port, protocol and tls."),
    "http_404": gettext_noop("The gateway has nothing at this address: check the path of the request."),
    "lease": gettext_noop("Another machine has taken this account over."),
    "clock_stepped": gettext_noop(
        "The clock of this machine was set by a good deal. Look which time is right and set it if need be: after five minutes "
        "it is believed. Nobody is sent to twice or too late meanwhile."
    ),
    "settings": gettext_noop(
        "Its table in fenghuo.toml is wrong: the page of the gateway accounts names line and reason."
    ),
}
HTTP = gettext_noop("The gateway answers with HTTP status %(code)s: call the carrier.")
SUBMITS = gettext_noop(
    "The gateway refuses every message (%(code)s): the sender number, the contract or its rights. Whoever was refused is still "
    "unsent. Call the carrier; one number is tried now and then, and sending goes on as soon as it is taken."
)
LOGIN = gettext_noop("The gateway refused the login (%(code)s): check account and secret with the carrier.")


def state(code: str) -> str:
    """How an account is."""
    return gettext(STATES[code][0]) if code in STATES else code


def error(code: str) -> str:
    """Why an account is not well, and what to do; a code that nobody has put into words stays as it is."""
    if code.startswith("login_") and code not in ERRORS:
        return gettext(LOGIN) % {"code": code.removeprefix("login_")}
    if code.startswith("submits_"):
        return gettext(SUBMITS) % {"code": code.removeprefix("submits_")}
    if code.startswith("http_") and code not in ERRORS:
        return gettext(HTTP) % {"code": code.removeprefix("http_")}
    return gettext(ERRORS[code]) if code in ERRORS else code
