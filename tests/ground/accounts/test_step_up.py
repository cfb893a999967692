"""A second factor is bound to what is signed, good once, for 120 seconds, whoever races (fault X4)."""

import hashlib
import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from fenghuo.ground import clock
from fenghuo.ground.accounts import actions, factors, queries, secret
from fenghuo.ground.accounts.actions.proofs import WRONG_PER_PLACE
from fenghuo.ground.accounts.models import FactorFailure, StepUp
from fenghuo.ground.refusal import Refused
from tests.ground.accounts.authenticator import Authenticator

DIGEST = hashlib.sha256(b"this warning").hexdigest()
OTHER = hashlib.sha256(b"another warning").hexdigest()


def refusal(call, **arguments):
    with pytest.raises(Refused) as caught:
        call(**arguments)
    return caught.value.code


@pytest.fixture(autouse=True)
def _by_name(settings):
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"public_url": "https://warn.example"})


@pytest.fixture
def passkeyed(hire):
    """A signer with a passkey in a software authenticator."""
    account = hire("signer")
    authenticator = Authenticator("https://warn.example")
    challenge = b"c" * 32
    made = authenticator.create(factors.registration_options(account, challenge))
    actions.add_passkey(account=account, name="办公电脑", challenge=challenge, response=json.dumps(made))
    return account, authenticator


def test_a_code_proves_one_digest_once(keyed):
    account, code = keyed("signer")
    proof = actions.step_up(account=account, digest=DIGEST, totp=code(0))
    assert proof.factor == "totp"
    actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)
    assert refusal(actions.consume_step_up, step_up=proof, account=account, digest=DIGEST) == "step_up_needed"


def test_a_code_is_never_good_twice_for_whatever(keyed):
    account, code = keyed("signer")
    actions.step_up(account=account, digest=DIGEST, totp=code(0))
    assert refusal(actions.step_up, account=account, digest=OTHER, totp=code(0)) == "factor_used"
    actions.step_up(account=account, digest=OTHER, totp=code(1))


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_telephone_may_be_half_a_minute_off(keyed, offset):
    account, code = keyed("signer")
    actions.step_up(account=account, digest=DIGEST, totp=code(offset))


@pytest.mark.parametrize("offset", [-3, -2, 2, 3])
def test_and_not_more(keyed, offset):
    account, code = keyed("signer")
    assert refusal(actions.step_up, account=account, digest=DIGEST, totp=code(offset)) == "code_wrong"


@pytest.mark.parametrize("text", ["", "000000", "12345", "1234567", "１２３４５６", "\ud800", "x" * 5000])
def test_what_is_no_code_is_wrong(keyed, text):
    account, code = keyed("signer")
    if text != code(0):
        assert refusal(actions.step_up, account=account, digest=DIGEST, totp=text or "0") == "code_wrong"


def test_the_proof_is_for_this_digest_and_this_account(keyed):
    account, code = keyed("signer")
    other, _ = keyed("signer")
    proof = actions.step_up(account=account, digest=DIGEST, totp=code(0))
    assert refusal(actions.consume_step_up, step_up=proof, account=account, digest=OTHER) == "step_up_needed"
    assert refusal(actions.consume_step_up, step_up=proof, account=other, digest=DIGEST) == "step_up_needed"
    actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)


def test_the_proof_is_good_for_120_seconds(keyed):
    account, code = keyed("signer")
    proof = actions.step_up(account=account, digest=DIGEST, totp=code(0))
    with clock.moved(timedelta(seconds=121)):
        assert refusal(actions.consume_step_up, step_up=proof, account=account, digest=DIGEST) == "step_up_needed"
    with clock.moved(timedelta(seconds=110)):
        actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)


def test_an_opened_but_unproved_step_up_is_no_proof(keyed):
    account, _ = keyed("signer")
    opened = actions.begin_step_up(account=account, digest=DIGEST)
    row = StepUp.objects.get(nonce=opened.nonce)
    assert refusal(actions.consume_step_up, step_up=row, account=account, digest=DIGEST) == "step_up_needed"


def test_when_the_act_fails_the_proof_remains(keyed):
    account, code = keyed("signer")
    proof = actions.step_up(account=account, digest=DIGEST, totp=code(0))
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)
        raise RuntimeError
    actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)


def test_another_session_cannot_complete_what_this_one_opened(keyed):
    account, code = keyed("signer")
    opened = actions.begin_step_up(account=account, digest=DIGEST, session="mine")
    arguments = {"account": account, "digest": DIGEST, "nonce": opened.nonce, "factor": "totp", "response": code(0)}
    for session in ("", "theirs"):
        assert refusal(actions.complete_step_up, session=session, **arguments) == "step_up_expired"
    assert refusal(actions.complete_step_up, session="mine", **(arguments | {"digest": OTHER})) == "step_up_expired"
    actions.complete_step_up(session="mine", **arguments)
    assert refusal(actions.complete_step_up, session="mine", **(arguments | {"response": code(1)})) == "step_up_expired"


def test_reading_takes_its_time_but_not_for_ever(keyed):
    account, _ = keyed("signer")
    opened = actions.begin_step_up(account=account, digest=DIGEST)
    arguments = {"account": account, "digest": DIGEST, "nonce": opened.nonce, "factor": "totp"}
    secret_base32 = secret.unseal(account.totp_key.sealed)
    with clock.moved(timedelta(minutes=16)):
        late = queries.totp_code(secret_base32)
        assert refusal(actions.complete_step_up, response=late, **arguments) == "step_up_expired"
    with clock.moved(timedelta(minutes=14)):
        actions.complete_step_up(response=queries.totp_code(secret_base32), **arguments)


def test_a_printed_code_works_once_however_it_is_typed(hire):
    account = hire("signer")
    codes = actions.print_codes(account=account)
    actions.step_up(account=account, digest=DIGEST, code=codes[0].lower().replace("-", " "))
    assert refusal(actions.step_up, account=account, digest=OTHER, code=codes[0]) == "factor_used"
    assert queries.factors_of(account).codes == 9
    newer = actions.print_codes(account=account)
    assert refusal(actions.step_up, account=account, digest=OTHER, code=codes[1]) == "code_wrong"
    actions.step_up(account=account, digest=OTHER, code=newer[1])


def test_another_person_s_printed_code_is_wrong(hire):
    codes = actions.print_codes(account=hire("signer"))
    assert refusal(actions.step_up, account=hire("signer"), digest=DIGEST, code=codes[0]) == "code_wrong"


def test_guessing_ends_where_it_comes_from_and_leaves_the_owner_alone(keyed):
    account, code = keyed("signer")
    for _ in range(WRONG_PER_PLACE):
        assert refusal(actions.step_up, account=account, digest=DIGEST, totp="000000", place="10.9.9.9") == "code_wrong"
    right = {"account": account, "digest": DIGEST, "totp": code(0)}
    assert refusal(actions.step_up, place="10.9.9.9", **right) == "too_many_codes"
    actions.step_up(place="10.0.0.1", **right)
    with clock.moved(timedelta(hours=1, seconds=1)):
        later = queries.totp_code(secret.unseal(account.totp_key.sealed))
        actions.step_up(account=account, digest=DIGEST, totp=later, place="10.9.9.9")


def test_a_wrong_code_stays_counted(keyed):
    account, _ = keyed("signer")
    refusal(actions.step_up, account=account, digest=DIGEST, totp="000000")
    assert FactorFailure.objects.filter(account=account).count() == 1


def test_a_passkey_signs_the_digest_itself(passkeyed):
    account, authenticator = passkeyed
    opened = actions.begin_step_up(account=account, digest=DIGEST)
    assert opened.factors == ["passkey"]
    expected = hashlib.sha256(b"fenghuo:sign:1\0" + DIGEST.encode() + opened.nonce.encode()).digest()
    assert opened.passkey_options is not None
    assert authenticator.challenge(opened.passkey_options) == expected
    assert opened.passkey_options["userVerification"] == "required"
    response = json.dumps(authenticator.get(opened.passkey_options))
    proof = actions.complete_step_up(
        account=account, digest=DIGEST, nonce=opened.nonce, factor="passkey", response=response
    )
    actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)
    again = {"account": account, "nonce": opened.nonce, "factor": "passkey", "response": response}
    assert refusal(actions.complete_step_up, digest=DIGEST, **again) == "step_up_expired"
    assert refusal(actions.complete_step_up, digest=OTHER, **again) == "step_up_expired"


def test_a_passkey_s_answer_to_one_digest_says_nothing_about_another(passkeyed):
    account, authenticator = passkeyed
    seen = actions.begin_step_up(account=account, digest=DIGEST)
    response = json.dumps(authenticator.get(seen.passkey_options))
    other = actions.begin_step_up(account=account, digest=OTHER)
    same = actions.begin_step_up(account=account, digest=DIGEST)
    for opened, digest in ((other, OTHER), (same, DIGEST)):
        arguments = {"account": account, "digest": digest, "nonce": opened.nonce, "factor": "passkey"}
        assert refusal(actions.complete_step_up, response=response, **arguments) == "passkey_refused"


@pytest.mark.parametrize(
    "change",
    [
        {"verified": False},
        {"origin": "https://warn.example.evil"},
        {"origin": "http://warn.example"},
        {"host": "evil.example"},
        {"counter": 0},
        {"kind": "webauthn.create"},
        {"spoil": True},
    ],
    ids=str,
)
def test_a_passkey_ceremony_that_is_not_right_in_everything_is_refused(passkeyed, change):
    account, authenticator = passkeyed
    first = actions.begin_step_up(account=account, digest=OTHER)
    actions.complete_step_up(
        account=account, digest=OTHER, nonce=first.nonce, factor="passkey",
        response=json.dumps(authenticator.get(first.passkey_options)),
    )  # fmt: skip
    opened = actions.begin_step_up(account=account, digest=DIGEST)
    response = json.dumps(authenticator.get(opened.passkey_options, **change))
    arguments = {"account": account, "digest": DIGEST, "nonce": opened.nonce, "factor": "passkey"}
    assert refusal(actions.complete_step_up, response=response, **arguments) == "passkey_refused"


@pytest.mark.parametrize(
    "response", ["", "{}", "[]", "null", "7", '{"id": 7}', "[" * 20000, '{"id": "é", "rawId": "é", "response": {}}']
)
def test_hostile_answers_are_refused_in_words(passkeyed, response):
    account, _ = passkeyed
    opened = actions.begin_step_up(account=account, digest=DIGEST)
    arguments = {"account": account, "digest": DIGEST, "nonce": opened.nonce, "factor": "passkey"}
    assert refusal(actions.complete_step_up, response=response, **arguments) in ("passkey_unknown", "passkey_refused")


def test_another_account_s_passkey_is_unknown_here(passkeyed, hire):
    account, authenticator = passkeyed
    other = hire("signer")
    opened = actions.begin_step_up(account=other, digest=DIGEST)
    shown = authenticator.get(factors.assertion_options(account, factors.challenge_of(DIGEST, opened.nonce)))
    arguments = {"account": other, "digest": DIGEST, "nonce": opened.nonce, "factor": "passkey"}
    assert refusal(actions.complete_step_up, response=json.dumps(shown), **arguments) == "passkey_unknown"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://10.1.2.3:8443", "passkeys_need_a_name"),
        ("https://[fd00::1]", "passkeys_need_a_name"),
        ("http://127.0.0.1:8000", "passkeys_need_a_name"),
        ("http://warn.example", "passkeys_need_https"),
    ],
)
def test_where_browsers_give_no_passkeys_we_say_so_and_offer_the_rest(keyed, settings, url, code):
    account, totp = keyed("signer")
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"public_url": url})
    why = factors.passkeys_work()
    assert why is not None
    assert why.code == code
    assert "authenticator" in why.in_language("en")
    opened = actions.begin_step_up(account=account, digest=DIGEST)
    assert (opened.factors, opened.passkey_options) == (["totp"], None)
    assert refusal(actions.add_passkey, account=account, name="", challenge=b"x" * 32, response="{}") == code
    actions.step_up(account=account, digest=DIGEST, totp=totp(0))


@pytest.mark.parametrize("url", ["https://warn.example:8443", "http://localhost:8000"])
def test_where_they_work(settings, url):
    settings.FENGHUO = settings.FENGHUO.model_copy(update={"public_url": url})
    assert factors.passkeys_work() is None


def race(call):
    """Six at once; their results, or the codes of their refusals."""
    results, start = [], threading.Barrier(6)

    def one():
        try:
            start.wait(timeout=30)
            call()
            results.append("won")
        except Refused as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(results)


@pytest.mark.django_db(transaction=True)
def test_six_at_once_with_one_code_prove_one_thing(keyed):
    account, code = keyed("signer")
    totp = code(0)
    results = race(lambda: actions.step_up(account=account, digest=DIGEST, totp=totp))
    assert results == ["factor_used"] * 5 + ["won"]


@pytest.mark.django_db(transaction=True)
def test_six_at_once_with_one_proof_use_it_once(keyed):
    account, code = keyed("signer")
    proof = actions.step_up(account=account, digest=DIGEST, totp=code(0))

    def use():
        with transaction.atomic():
            actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)

    assert race(use) == ["step_up_needed"] * 5 + ["won"]


@pytest.mark.django_db(transaction=True)
def test_a_proof_is_used_up_only_together_with_its_act(keyed):
    account, code = keyed("signer")
    proof = actions.step_up(account=account, digest=DIGEST, totp=code(0))
    with pytest.raises(transaction.TransactionManagementError):
        actions.consume_step_up(step_up=proof, account=account, digest=DIGEST)


def test_a_digest_is_a_digest(keyed):
    account, _ = keyed("signer")
    for wrong in ("", "x" * 64, DIGEST.upper(), DIGEST[:-1]):
        assert refusal(actions.begin_step_up, account=account, digest=wrong) == "digest_form"
        assert refusal(actions.step_up, account=account, digest=wrong, totp="000000") == "digest_form"


def test_no_key_lies_open_in_the_database(keyed, settings):
    account, _ = keyed("signer")
    base32 = secret.unseal(account.totp_key.sealed)
    assert base32 not in account.totp_key.sealed
    settings.SECRET_KEY = "the key of another installation"
    with pytest.raises(secret.SealBroken):
        secret.unseal(account.totp_key.sealed)
