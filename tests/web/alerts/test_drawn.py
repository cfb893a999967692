"""Choosing people by an outline, through the pages: typed or pasted, counted honestly, kept, signed, published."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fenghuo.ground.areas import actions as areas
from fenghuo.ground.areas.models import Area
from fenghuo.readiness.contacts import actions as contacts
from fenghuo.readiness.contacts.models import Contact
from fenghuo.warning.alerts.models import Alert, Release
from fenghuo.wire import cap
from tests.makers import boundaries as maker
from tests.web.alerts.test_compose import typed
from tests.web.world import TOWN, World

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NOBODY: dict[str, list[str]] = {"audience_groups": [], "audience_areas": []}


@pytest.fixture
def drawn(world: World) -> World:
    """The first two villages have boundaries; the three people of the first have positions, in its middle, but the last."""
    villages = list(Area.objects.filter(parent_id=TOWN).values_list("code", flat=True))
    areas.import_boundaries(content=maker.villages(villages[:2]), name="x", by=None)
    west, south = maker.cell(0)
    people = Contact.objects.filter(organisation=world.organisation, area_id=villages[0]).order_by("id")
    for one in people[:2]:
        Contact.objects.filter(pk=one.pk).update(
            latitude=round((south + 0.005) * 1e6), longitude=round((west + 0.005) * 1e6)
        )
    contacts.rename_group(group=world.group, name="责任人", by=None)
    contacts.add_rule(group=world.group, tag="无", by=None)
    world.organisation.roster.delete()  # positions were written past the actions: everybody is read again
    return world


def around_first() -> str:
    west, south = maker.cell(0)
    return maker.outline(west + 0.002, south + 0.002, west + 0.008, south + 0.008)


def test_the_preview_tells_inside_by_area_and_who_cannot_be_placed(drawn: World) -> None:
    fields = typed(drawn, **NOBODY, audience_polygons=around_first())
    page = drawn.client("entry").post("/alerts/audience/", fields).content.decode()
    assert "<strong>2</strong>" in page
    assert "<strong>1</strong>" in page
    assert str(65 * 3) in page  # the people of villages without a boundary are counted, not forgotten


def test_an_outline_is_kept_signed_and_published(drawn: World) -> None:
    client = drawn.client("entry")
    assert client.post("/alerts/new/", typed(drawn, **NOBODY, audience_polygons=around_first())).status_code == 302
    alert = Alert.objects.get()
    assert alert.audience["polygons"] == [around_first()]
    assert around_first() in client.get(f"/alerts/{alert.id}/edit/").content.decode()
    signed = drawn.signed(audience={"groups": [], "areas": [], "polygons": [around_first()]})
    assert signed.audience_count == 2  # three people of the first village, one of them without a number
    release = Release.objects.get(alert=signed)
    published = cap.parse(bytes(release.cap))
    west, south = maker.cell(0)
    assert published.infos[0].areas[-1].polygons[0].startswith(f"{south + 0.002:g},{west + 0.002:g} ")
    assert cap.validate(bytes(release.cap)) == []
    assert release.snapshot["document"]["polygons"] == list(published.infos[0].areas[-1].polygons)
    page = drawn.client("signer").get(f"/v/{signed.code}").content.decode()
    assert '<svg class="outline"' in page


def test_pasted_geojson_is_understood(drawn: World) -> None:
    west, south = maker.cell(0)
    document = json.dumps(maker.feature("x", maker.polygon(maker.square(west + 0.002, south + 0.002, 0.006))))
    drawn.client("entry").post("/alerts/new/", typed(drawn, **NOBODY, audience_polygons=document))
    assert len(Alert.objects.get().audience["polygons"][0].split()) == 5


def test_full_width_signs_of_a_chinese_keyboard_are_understood(drawn: World) -> None:
    text = around_first().replace(",", "，").replace("1", "１")
    drawn.client("entry").post("/alerts/new/", typed(drawn, **NOBODY, audience_polygons=text))
    assert Alert.objects.get().audience["polygons"] == [around_first()]


@pytest.mark.parametrize(
    "text",
    ["39,117", "x", "39,117 40,118 39,117", '{"type": "Point"}', "{" * 50, "1" * 200_000, "39,117 40,118\x00 40,117"],
)
def test_what_cannot_be_drawn_is_named_and_stays_typed(drawn: World, text: str) -> None:
    client = drawn.client("entry")
    fields = typed(drawn, **NOBODY, audience_polygons=text, do="submit")
    answer = client.post("/alerts/new/", fields)
    assert answer.status_code == 422
    assert 'id="draw"' in answer.content.decode()
    assert client.post("/alerts/audience/", fields).status_code == 200
    assert not Alert.objects.exclude(state="draft").exists()


def test_an_outline_far_away_is_refused_with_where(drawn: World) -> None:
    far = maker.outline(100.0, 30.0, 100.1, 30.1)
    answer = drawn.client("entry").post("/alerts/new/", typed(drawn, **NOBODY, audience_polygons=far, do="submit"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "30.1" in page
    assert far in page


def test_the_keeper_imports_boundaries_and_sees_what_is_missing(world: World) -> None:
    client = world.client("resource_keeper")
    villages = list(Area.objects.filter(parent_id=TOWN).values_list("code", flat=True))

    def upload(content: bytes) -> int:
        return client.post("/boundaries/", {"file": SimpleUploadedFile("cells.geojson", content)}).status_code

    assert client.get("/boundaries/").status_code == 200
    assert upload(b"not json") == 422
    assert upload(maker.collection(maker.feature("120119112", maker.polygon(maker.square(117, 39))))) == 422
    assert upload(maker.villages(villages[:3])) == 302
    told = client.get("/boundaries/outlines.json").json()
    assert [one["code"] for one in told["areas"]] == villages[:3]
    assert villages[3] in client.get("/boundaries/").content.decode()
    assert world.client("entry").post("/boundaries/", {"file": ""}).status_code in (403, 422)
