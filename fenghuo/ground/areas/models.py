"""Administrative divisions (辖区). A code's prefix is its parent's code, so a subtree is a range of codes."""

from django.db import models

__all__ = ["Area"]


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
