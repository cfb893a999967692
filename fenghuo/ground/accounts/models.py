"""Organisations, named persons, their accounts and posts. Rights are compared by person, never by account."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from fenghuo.ground.areas.models import Area
from fenghuo.ground.ids import ID_LENGTH, new_id

__all__ = ["Account", "Organisation", "Person", "Posting"]


class Organisation(models.Model):
    """A government with its own desk: a town, a county. Everything kept belongs to exactly one."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    name = models.CharField(max_length=100, unique=True)
    profile = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A human being: what four eyes are counted by."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Account(AbstractBaseUser):
    """How one person signs in. One person, one account; no account works before its invitation is used."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    person = models.OneToOneField(Person, on_delete=models.PROTECT)
    username = models.CharField(max_length=60, unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []

    def __str__(self) -> str:
        return self.person.name


class Posting(models.Model):
    """A person holds a post in an organisation from `since` until `until` (open while null). Posts: see rights.toml."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="postings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    post = models.CharField(max_length=24)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
