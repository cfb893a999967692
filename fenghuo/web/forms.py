"""How a refusal of the house becomes the error of a form: beside its field, else at the top; nothing typed is lost."""

from django.forms import BaseForm
from django.utils.translation import gettext_noop

from fenghuo.ground.refusal import Refused, RefusedMany

# Django's own sentence, which its Chinese catalogue takes for "must not be empty"; ours goes first.
NULL_CHARACTER = gettext_noop("Null characters are not allowed.")


def refuse(form: BaseForm, refused: Refused | RefusedMany) -> None:
    """Write the reasons into `form`. A dotted field (`origin.issuer`) is found under its last part or with underscores."""
    for one in refused.refusals if isinstance(refused, RefusedMany) else [refused]:
        form.add_error(field_of(form, one.field), str(one))


def status_of(refused: Refused | RefusedMany) -> int:
    """The status of a form that comes back with a refusal: not yours to do, overtaken, or to be corrected."""
    return {"forbidden": 403, "conflict": 409}.get(refused.kind, 422) if isinstance(refused, Refused) else 422


def field_of(form: BaseForm, name: str | None) -> str | None:
    """The field of a form that a refusal or a problem is about; None when the page has no place for it."""
    if not name:
        return None
    for candidate in (name, name.replace(".", "_"), name.split(".")[0], name.rsplit(".", 1)[-1]):
        # A hidden field has no place on the page and no name that its reader knows.
        if candidate in form.fields and not form.fields[candidate].widget.is_hidden:
            return candidate
    return next(
        (one for one in form.fields if one.startswith(f"{name}_")), None
    )  # the first of a part: `origin`, `audience`
