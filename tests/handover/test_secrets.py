"""What looks like a password or a key is told from what only speaks of one."""

from __future__ import annotations

import time

import pytest

from ckanext.digifarm.handover.secrets import Secret, found

#: Made up, of the right shape; written in parts, so that nobody who looks for
#: secrets in this file finds one.
TOKENS = (
    "ghp_" + "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX",
    "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ012345",
    "glpat-" + "aB3dE5fG7hI9jK1lM2nO",
    "xoxb-" + "123456789012-1234567890123-aBcDeFgHiJkLmNoPqRsTuVwX",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "sk-ant-" + "api03-aBcDeFgHiJkLmNoPqRsTuVwXyZ",
    "123456789:" + "AAEhBOweik9ai2o01lavPtdEsqx5y0jkABC",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVm",
    "Authorization: Bearer " + "aBcD1234eFgH5678iJkL9012",
    "https://hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXXXXXX",
    "Zugang mit wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY im Skript",
)

PRIVATE_KEYS = (
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "PuTTY-User-Key-File-3: ssh-ed25519",
)

ADDRESSES = (
    "postgresql://baum:gruen7@db.example.org/baeume",
    "https://kim:geheim@example.org/",
    "mysql://root:root@localhost",
    "https://api.example.org/v1?api_key=12345abcde",
    "https://example.org/datei?access_token=abcdefgh1234",
)

PASSWORDS = (
    "Passwort: hunter2",
    "Das Passwort lautet Sommer2026!",
    "Das Kennwort ist xK4mPq",
    "password=Tr0ub4dor&3",
    "PW: baum-123-gruen",
    "Server: 10.0.0.1, Benutzer baum, pw = Xy12ab",
    "PIN: 4711",
    "Passwort (Root): xY7kQ2mP",
    "Passwort für den Server: xY7kQ2mPz9",
    "Schlüssel: Xy7kQ2mPz9Lt",
    "WLAN-Schlüssel: 8374628374628",
    "key=Xy7kQ2mP",
    "Zugang: radpuls, hunter2xyz",
    "Login admin / Muenster!2024",
    "pw sommer2026",
    "WLAN-Schlüssel Muenster-4711-Haus",
    "Passwort：hunter2",
    "Pass\u00adwort: hunter2",
    "Passwort: 12345678",
    "api key: 5f4dcc3b5aa765d61d8327deb882cf99",
    "Server=db;User Id=baum;Pwd=gruen7x;",
    "secret -> aB3x9",
    "Xk9$mQ2!vL",
    "root / Xk9$mQ2!vL",
)

#: What people write who do as they are told, and what only looks odd.
HARMLESS = (
    "",
    "Passwort liegt im Tresor",
    "Das Passwort liegt im Tresor des Vereins, Schlüssel bei der Kassenwartin",
    "Passwort: liegt im Tresor",
    "Passwort: Tresor",
    "Schlüssel: Raum 12, beim Hausmeister",
    "Login mit 2FA-Token der Kassenwartin",
    "Zugang bis 31.12.2027, Vertrag 2024-117",
    "Passwort: siehe https://example.org/wiki/zugang-2024-server1",
    "Passwort im Tresor (Zugang: Vorstand)",
    "Zugang: über die Geschäftsstelle, Telefon: 0251",
    "Passwort: Amt/Referat",
    "Passwort: Müller-Lüdenscheidt fragen",
    "Passwörter: im Passwortsafe (KeePassXC) des Vereins",
    "Passwort: KeePassXC",
    "Das Passwort ist im 1Password-Tresor der Gruppe",
    "Password: see https://wiki.example.org/zugang#2",
    "Passwort: kim@example.org fragen",
    "Token: bei der Stadtverwaltung beantragen",
    "API key: at the data office, renewed each year",
    "PIN beim Kassenwart",
    "ISBN 978-3-16-148410-0",
    "9783161484100",
    "IBAN DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "Commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "https://example.org/handbuch/betrieb.html?seite=3#server",
    "https://docs.example.org/document/d/1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT/edit",
    "https://kim@example.org/",
    "https://git.example.org/verein/baum-blick/src/branch/main/README.md",
    "git@git.example.org:verein/baumblick.git",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2sx8PQ3vYwz1aB2cD3eF4gH5i kim",
    "SHA256:uNiVztksCsDhcc0u9e8BrMXVHuGX5mZ6nJ0pLk1Q2rs",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "Digitalisierungsreferat2026Muenster",
    "Verein_Baumblick_Satzung_2026-03-01_Endfassung.pdf",
    "Hosting bei Beispiel & Söhne, Kundennummer K-2026-00417",
    "Tel. +49 251 0000000, Mo–Fr 9–12 Uhr",
    "server: srv-web-01.example.org, Debian 12",
    "A person of the association; the keys hang in the office.",
    "„Schlüssel“ der Daten: id, name, strasse",
    "Vertrag Nr. 2026/0417-B, kündbar zum 31.12.",
    "Raspberry Pi 4 Model B im Keller, IP 192.168.178.20",
    "Versionen: Python 3.12, PostgreSQL 15, CKAN 2.12.0",
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, Secret.TOKEN) for text in TOKENS),
        *((text, Secret.PRIVATE_KEY) for text in PRIVATE_KEYS),
        *((text, Secret.ADDRESS) for text in ADDRESSES),
        *((text, Secret.PASSWORD) for text in PASSWORDS),
    ],
)
def test_finds_what_is_secret(text, kind):
    assert found(text) is kind
    assert found(f"Der Zugang:\n{text}\nund mehr.") is kind


@pytest.mark.parametrize("text", HARMLESS)
def test_lets_through_what_is_not(text):
    assert found(text) is None
    assert found(f"Wichtig:\n{text}\nund mehr.") is None


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2000,
        "aA0" * 700,
        "password" * 250,
        "password: " * 200,
        "https://" * 250,
        "https://a" + "?a=" * 600,
        "eyJ" + "a" * 1990,
        "eyJaaaaaaaaaaa." * 130,
        "-----BEGIN " * 180,
        "basic " * 330,
        "ssh-rsa " * 250,
        " " * 2000,
        "!A0a" * 500,
    ],
    ids=range(13),
)
def test_takes_no_time(text):
    start = time.process_time()
    found(text)
    assert time.process_time() - start < 0.1


def test_an_address_with_many_parameters():
    many = "&".join(f"layer{n}={n}" for n in range(120))
    assert found(f"https://example.org/karte?{many}") is None
    many += "&token=abcdefgh1234"
    assert found(f"https://example.org/karte?{many}") is Secret.ADDRESS


@pytest.mark.parametrize(
    "unit", ["sk-ssh-", "ecdsa-sha2-", "eyJ", "Passwort "]
)
def test_what_is_far_too_long_is_judged_at_once(unit):
    """Nothing that passes validation; by the API anything is sent."""
    started = time.process_time()
    found(unit * 40_000)
    assert time.process_time() - started < 1
