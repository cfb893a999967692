"""Administrative divisions (辖区). A code's prefix is its parent's code, so a subtree is a range of codes."""

from django.db import models

from fenghuo.ground.ids import ID_LENGTH

__all__ = ["Area", "Boundary"]


class Area(models.Model):
    """One division: 2, 4, 6, 9 or 12 digits (province, city, county, town, village), statistical codes."""

    LEVELS = ("province", "city", "county", "town", "village")

    code = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    level = models.CharField(max_length=8, choices=[(one, one) for one in LEVELS])

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


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
