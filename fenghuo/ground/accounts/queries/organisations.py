"""Reading organisations: which lie below which, and in whose name and by which rules each of them speaks."""

from datetime import datetime

from fenghuo.ground.accounts.models import Organisation, OrganisationProposal
from fenghuo.ground.areas import queries as areas
from fenghuo.ground.profile import queries as profiles
from fenghuo.ground.profile.models import Profile

COUNTY = 6  # digits of a county's code: law art. 64 lets counties and those above them issue warnings


def below(upper: Organisation, organisation: Organisation) -> bool:
    """Whether `organisation` lies in the area of `upper` and is not at its own level."""
    return organisation.area_id != upper.area_id and organisation.area_id.startswith(upper.area_id)


def organisations_for(organisation: Organisation) -> list[Organisation]:
    """An organisation and those below it on this installation, in the order of their areas."""
    found = Organisation.objects.filter(area__code__startswith=organisation.area_id).select_related("area")
    return [one for one in found.order_by("area_id", "name") if one.pk == organisation.pk or below(organisation, one)]


def has_upper(organisation: Organisation) -> bool:
    """Whether this installation hosts an organisation above this one."""
    code = organisation.area_id
    return Organisation.objects.filter(area_id__in=[code[:n] for n in range(len(code))]).exists()


def above_all(organisation: Organisation) -> bool:
    """Whether every other organisation of this installation lies below this one."""
    return Organisation.objects.count() == len(organisations_for(organisation))


def provisioned_above(organisation: Organisation) -> bool:
    """XC 7: the tier above, on this installation, hands out the accounts; the town changes passwords only."""
    if not has_upper(organisation):
        return False
    return profiles.profile(organisation.profile).accounts.provisioner.value == "parent"


def profile_of(organisation: Organisation, on: datetime | None = None) -> Profile:
    """The rules of an organisation's profile as they hold for this very organisation.

    The signature is its registered one, or the profile's where the profile is its area's own; else it has none ("") and its texts
    are refused. What a county's profile lets it issue, a town that borrows that profile may not. Raises as `profiles.profile`.
    """
    found = profiles.profile(organisation.profile, on)
    own = organisation.area_id == found.area
    if organisation.signature or not own:
        suffix = found.sms.suffix.model_copy(update={"value": organisation.signature})
        found = found.model_copy(update={"sms": found.sms.model_copy(update={"suffix": suffix})})
    if own or len(organisation.area_id) <= COUNTY:
        return found
    rules = found.warnings
    narrower = {
        "may_issue": rules.may_issue.model_copy(update={"value": []}),
        "whole_network": rules.whole_network.model_copy(update={"value": False}),
    }
    return found.model_copy(update={"warnings": rules.model_copy(update=narrower)})


def proposed_signature(area_code: str) -> str:
    """What an organisation of an area would be signed with: 【蓟州区下仓镇】 for a town, 【武清区】 for a county."""
    names = areas.path(area_code).split(" ")
    return f"【{''.join(names[-2:] if len(area_code) > COUNTY else names[-1:])}】"


def organisation_proposals(organisation: Organisation) -> list[OrganisationProposal]:
    """What was proposed for an organisation and those below it and is not decided, oldest first."""
    reach = organisations_for(organisation)
    found = OrganisationProposal.objects.filter(decision="", upper__in=reach)
    return list(found.select_related("organisation", "area", "upper", "proposed_by"))
