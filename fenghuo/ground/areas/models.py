"""Administrative divisions (辖区). A code's prefix is its parent's code, so a subtree is a range of codes."""

from django.db import models

from fenghuo.ground.ids import ID_LENGTH

__all__ = ["Area", "AreaKey", "Boundary"]


class Area(models.Model):
    """One division: 2, 4, 6, 9 or 12 digits (province, city, county, town, village), statistical codes."""

    LEVELS = ("province", "city", "county", "town", "village")

    code = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=100, db_index=True)
    official = models.CharField(
        max_length=100, blank=True
    )  # as imported; a name that differs was changed here and stays
    initials = models.CharField(max_length=60, blank=True, db_index=True)  # of the name's usual reading: xcz
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    level = models.CharField(max_length=8, choices=[(one, one) for one in LEVELS])

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class AreaKey(models.Model):
    """By what an area is found besides its code, its name and the initials of the usual reading: other readings, other names."""

    KINDS = ("reading", "alias")

    id = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=8, choices=[(one, one) for one in KINDS])
    key = models.CharField(max_length=100, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "kind", "key"], name="one_area_key")]


class Boundary(models.Model):
    """Where an area lies, as an operator imported it. No boundary ships with the product.

    `shape` is WKB of a valid Polygon or MultiPolygon, x longitude and y latitude, WGS-84 in whole millionths of a degree.
    `outline` is the same made coarse for a map, GeoJSON in degrees. `batch` sorts by the time of the import that wrote this row.
    """

    area = models.OneToOneField(Area, primary_key=True, on_delete=models.CASCADE)
    shape = models.BinaryField()
    outline = models.JSONField()
    batch = models.CharField(max_length=ID_LENGTH)
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["area_id"]
