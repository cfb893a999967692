"""Coming in, one's own keys, and the administration of accounts."""

from django.urls import path

from fenghuo.web.accounts.views import administration, entry, invitation, own

urlpatterns = [
    path("sign-in/", entry.sign_in, name="sign-in"),
    path("sign-in/factor/", entry.second_factor, name="sign-in-factor"),
    path("sign-in/factor/challenge/", entry.second_factor_challenge, name="sign-in-factor-challenge"),
    path("sign-in/passkey/", entry.arrive, name="sign-in-passkey"),
    path("sign-in/passkey/challenge/", entry.arrival_challenge, name="sign-in-passkey-challenge"),
    path("sign-out/", entry.sign_out, name="sign-out"),
    path("enter/<str:token>/", entry.enter, name="enter"),
    path("bootstrap/", invitation.bootstrap, name="bootstrap"),
    path("invitations/<str:token>/", invitation.accept, name="invitation"),
    path("invitations/<str:token>/passkey/", invitation.passkey_options, name="invitation-passkey"),
    path("account/", own.own, name="own-account"),
    path("account/confirm/", own.confirm, name="own-confirm"),
    path("account/confirm/challenge/", own.confirm_challenge, name="own-confirm-challenge"),
    path("account/password/", own.password, name="own-password"),
    path("account/app/", own.app, name="own-app"),
    path("account/passkeys/", own.passkeys, name="own-passkeys"),
    path("account/passkeys/options/", own.passkey_options, name="own-passkey-options"),
    path("account/codes/", own.codes, name="own-codes"),
    path("account/sessions/", own.sessions, name="own-sessions"),
    path("account/devices/", own.known_devices, name="own-devices"),
    path("account/tokens/", own.tokens, name="own-tokens"),
    path("accounts/", administration.accounts, name="accounts"),
    path("accounts/invite/", administration.invite, name="account-invite"),
    path("accounts/proposals/<str:key>/", administration.decide, name="account-proposal"),
    path("accounts/<str:key>/", administration.account, name="account"),
    path("accounts/<str:key>/act/", administration.act, name="account-act"),
]
