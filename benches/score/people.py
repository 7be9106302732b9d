"""Invented people and hospitals: no name, number or address here is anybody's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

#: Names that are no part of any other word in the files, so that what is found of one is found of nothing else.
FAMILIES = (
    "Quillfeather", "Ostrandova", "Vandermoolen", "Jørgensdatter", "Krzyzowski", "Papadimos", "Brambleworth",
    "Szentgyor", "Umberholt", "Wolkenstern", "Yarrowby", "Zimmerhausen", "Featherstow", "Groenewold", "Ivarsdottir",
    "Laskaridis", "Mwangoro", "Netherbury",
)  # fmt: skip
GIVEN = (
    "Wilhelmina", "Thaddeus", "Persephone", "Ignatius", "Rosalinde", "Barnabas", "Quintessa", "Leopold", "Zenobia",
    "Cornelius", "Philomena", "Engelbert", "Henriette", "Ambrosius", "Dorothea", "Fridolin", "Kunigunde", "Balthasar",
)  # fmt: skip
TOWNS = ("Nettlebrook", "Hohenfelden", "Ravnsborg", "Puddlecombe", "Karpenisi", "Mossgrove")
STREETS = ("Thistlewick Lane", "Amselgasse", "Vinkelvej", "Crabapple Row", "Hyacinth Mews", "Larchmont Alley")


@dataclass(frozen=True)
class Hospital:
    """Where the scanners stand, and who works there."""

    name: str
    address: str
    department: str
    physicians: tuple[str, ...]
    """Referring, performing, reading, requesting, operator: each as a PN."""


@dataclass(frozen=True)
class Patient:
    """Who was scanned."""

    family: str
    given: str
    identifier: str
    other_identifier: str
    birth_date: dt.date
    sex: str
    address: str
    telephone: str
    mother: str
    hospital: Hospital

    @property
    def name(self) -> str:
        """As a PN."""
        return f"{self.family}^{self.given}"

    @property
    def words(self) -> str:
        """As people write it."""
        return f"{self.given} {self.family}"

    @property
    def is_ascii(self) -> bool:
        """Whether the name needs no other character set."""
        return self.name.isascii()


def patients(count: int, chance: random.Random) -> list[Patient]:
    """So many patients of two hospitals; nobody has a name of another."""
    families, given = list(FAMILIES), list(GIVEN)
    chance.shuffle(families)
    chance.shuffle(given)

    def person() -> tuple[str, str]:
        return families.pop(), given.pop()

    # One of the patients has a name that takes another character set.
    families.sort(key=str.isascii, reverse=True)
    found = [person() for _ in range(count)]
    hospitals = [_hospital(town, [person() for _ in range(5)], chance) for town in TOWNS[:2]]
    return [_patient(*name, hospitals[place % 2], chance) for place, name in enumerate(found)]


def _hospital(town: str, staff: list[tuple[str, str]], chance: random.Random) -> Hospital:
    return Hospital(
        f"{town} Infirmary",
        f"{chance.randint(2, 99)} {chance.choice(STREETS)}, {town}",
        f"{town} Imaging Unit",
        tuple("^".join(names) for names in staff),
    )


def _patient(family: str, given: str, hospital: Hospital, chance: random.Random) -> Patient:
    return Patient(
        family,
        given,
        f"MRN{chance.randint(10_000_000, 99_999_999)}",
        f"INS{chance.randint(100_000_000, 999_999_999)}",
        dt.date(1938, 1, 1) + dt.timedelta(days=chance.randint(0, 20_000)),
        chance.choice("FM"),
        f"{chance.randint(2, 99)} {chance.choice(STREETS)}, {chance.choice(TOWNS[2:])}",
        f"+99 {chance.randint(100, 999)} {chance.randint(1_000_000, 9_999_999)}",
        f"Maiden{family.lower()}",
        hospital,
    )
