"""Areas that are there already learn their official names and the letters they are found by."""

from typing import Any

from django.db import migrations

from fenghuo.ground.areas.rules import readings

SLICE = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    Area, AreaKey = apps.get_model("ground", "Area"), apps.get_model("ground", "AreaKey")
    waiting = Area.objects.filter(initials="", official="")
    while part := list(waiting.order_by("code")[:SLICE]):
        keys = []
        for one in part:
            found = readings(one.name)
            one.official, one.initials = one.name, found[0][:60] if found else ""
            keys += [AreaKey(area_id=one.code, kind="reading", key=key) for key in found[1:]]
        Area.objects.bulk_update(part, ["official", "initials"], batch_size=100)
        AreaKey.objects.bulk_create(keys, batch_size=1000, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("ground", "0010_attachments_stay")]
    # The hint keeps it off the ledger's database.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, hints={"alias": "default"})]
