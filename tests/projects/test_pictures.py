"""Pictures of projects: what is taken in, and which files are left."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import ckantoolkit as tk
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin
from werkzeug.datastructures import FileStorage

from ckan import model
from ckan.lib import files as files_
from ckan.lib.search import SearchIndexError
from ckan.lib.search.index import PackageSearchIndex
from ckan.tests import factories
from ckanext.digifarm.projects import pictures

from ..acting import as_portal, as_user, copy_of
from ..browsing import Browser, html, text_of

pytestmark = pytest.mark.usefixtures("no_commits", "ckan_config")

API = "/api/3/action"

#: One dark pixel each.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+k"
    "cQAAAABJRU5ErkJggg=="
)
WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA4AAAAvAAAAAAcQEf0PRET/Aw==")
GIF = base64.b64decode(
    "R0lGODdhAQABAIEAAAAAAAAAAAAAAAAAACwAAAAAAQABAAAIBAABBAQAOw=="
)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)

REFUSED = "Must be a picture of one of these types: JPEG, PNG, WEBP"


def drawn(kind: str, size: tuple[int, int] = (1, 1), **options: Any) -> bytes:
    """A picture of one colour."""
    buffer = BytesIO()
    Image.new("RGB", size, "seagreen").save(buffer, kind, **options)
    return buffer.getvalue()


JPEG = drawn("JPEG")

Files = Callable[[], list[str]]


def upload(
    content: bytes = PNG,
    name: str = "picture.png",
    content_type: str = "image/png",
) -> FileStorage:
    """A file as a form or an API client sends it."""
    return FileStorage(BytesIO(content), name, content_type=content_type)


def shown(project: dict[str, Any]) -> dict[str, Any]:
    return as_portal("package_show", id=project["id"])


@pytest.fixture(params=["ckan.storage_path", "ckan.files.storage"])
def files(request, ckan_config, monkeypatch, tmp_path, reset_storages):
    """Names of the stored pictures, on both kinds of portals."""
    directory = tmp_path / "storage" / "uploads" / "civic_project"
    directory.mkdir(parents=True)
    if request.param == "ckan.storage_path":
        monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    else:
        options = {
            "type": "ckan:fs:public",
            "path": str(directory),
            "public_prefix": "pictures",
        }
        for key, value in options.items():
            monkeypatch.setitem(
                ckan_config, f"ckan.files.storage.civic_projects.{key}", value
            )
        reset_storages()

    def names() -> list[str]:
        everything = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert all(path.parent == directory for path in everything)
        return sorted(path.name for path in everything)

    yield names
    monkeypatch.undo()
    reset_storages()


@pytest.fixture(scope="module")
def editor(shared_portal) -> dict[str, Any]:
    return factories.UserWithToken()


@pytest.fixture(scope="module")
def organization(editor) -> dict[str, Any]:
    return factories.Organization(
        users=[{"name": editor["name"], "capacity": "editor"}]
    )


@pytest.fixture(scope="module")
def first_project(organization) -> dict[str, Any]:
    return factories.Dataset(
        type="civic_project", owner_org=organization["id"]
    )


@pytest.fixture
def project(first_project) -> dict[str, Any]:
    return copy_of(first_project)


@pytest.fixture
def pictured(project, files) -> dict[str, Any]:
    """A project with a stored picture."""
    return as_portal("package_patch", id=project["id"], image_upload=upload())


@pytest.fixture
def browser(shared_app, editor) -> Browser:
    return Browser(shared_app, editor["id"])


class TestTypes:
    @pytest.mark.parametrize(
        ("content", "ending"), [(PNG, ".png"), (JPEG, ".jpg"), (WEBP, ".webp")]
    )
    def test_are_told_by_content_not_by_name(
        self, content, ending, project, files
    ):
        names = ["a.png", "A.JPG", "a.jpeg", "a.webp", "a", "a.svg", "a.txt"]
        stored = []
        for name in names:
            patched = as_portal(
                "package_patch",
                id=project["id"],
                image_upload=upload(content, name),
            )
            stored.append(patched["image_url"])
            assert files() == [patched["image_url"]]
        assert len(set(stored)) == len(names)
        assert {Path(name).suffix for name in stored} == {ending}

    @pytest.mark.parametrize(
        "declared", ["application/octet-stream", "image/svg+xml", ""]
    )
    def test_are_told_by_content_not_by_what_is_declared(
        self, declared, project, files
    ):
        patched = as_portal(
            "package_patch",
            id=project["id"],
            image_upload=upload(PNG, content_type=declared),
        )
        assert files() == [patched["image_url"]]

    @pytest.mark.parametrize(
        "content",
        [
            SVG,
            b'<?xml version="1.0"?>\n<!-- x -->\n' + SVG,
            b"<!DOCTYPE html><script>alert(1)</script>",
            GIF,
            b"%PDF-1.4\n",
            b"PK\x03\x04" + b"\x00" * 30,
            b"BM" + b"\x00" * 60,
            b"some text",
            b"",
        ],
        ids=[
            "svg",
            "svg-xml",
            "html",
            "gif",
            "pdf",
            "zip",
            "bmp",
            "text",
            "empty",
        ],
    )
    def test_of_other_kinds_are_refused_whatever_their_name(
        self, content, project, files
    ):
        for name in ("picture.png", "picture.jpg", "picture"):
            with pytest.raises(tk.ValidationError) as raised:
                as_portal(
                    "package_patch",
                    id=project["id"],
                    image_upload=upload(content, name),
                )
            assert raised.value.error_dict == {"image_upload": [REFUSED]}
        assert files() == []
        assert not shown(project).get("image_url")

    def test_of_the_web_are_known_without_help_of_the_system(self):
        """Slim machines have no table of types, older Pythons no WebP."""
        code = """
import mimetypes
mimetypes.init([])
from ckanext.digifarm.projects import pictures
assert mimetypes.guess_extension("image/webp") == ".webp"
assert mimetypes.guess_type("a.webp") == ("image/webp", None)
"""
        subprocess.run([sys.executable, "-c", code], check=True)


def tagged() -> Image.Exif:
    """What the camera of a phone says: where, and how it was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Geheim"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return exif


def with_text() -> PngImagePlugin.PngInfo:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Geheim")
    return text


def two() -> dict[str, Any]:
    """What makes a picture move."""
    frame = Image.new("RGB", (3, 2), "navy")
    return {"save_all": True, "append_images": [frame]}


class TestMetadata:
    @pytest.mark.parametrize(
        ("kind", "options"),
        [
            ("JPEG", {"exif": tagged(), "comment": b"Geheim"}),
            ("PNG", {"exif": tagged(), "pnginfo": with_text()}),
            ("WEBP", {"exif": tagged(), "xmp": b"<x>Geheim</x>"}),
        ],
    )
    def test_go_and_the_picture_stands_upright(
        self, kind, options, project, files, tmp_path
    ):
        sent = drawn(kind, (3, 2), **options)
        assert b"Geheim" in sent
        as_portal("package_patch", id=project["id"], image_upload=upload(sent))
        [stored] = [f for f in tmp_path.rglob("*") if f.is_file()]
        assert b"Geheim" not in stored.read_bytes()
        with Image.open(stored) as image:
            assert not image.getexif()
            assert (image.format, image.size) == (kind, (2, 3))

    def test_of_colours_stay(self, project, files, tmp_path):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        sent = drawn("JPEG", icc_profile=profile.tobytes())
        as_portal("package_patch", id=project["id"], image_upload=upload(sent))
        [stored] = [f for f in tmp_path.rglob("*") if f.is_file()]
        with Image.open(stored) as image:
            assert image.info["icc_profile"] == profile.tobytes()

    def test_that_only_seem_to_be_of_colours_go(self, files):
        sent = drawn("JPEG", icc_profile=b"Geheim")
        assert b"Geheim" in sent
        assert b"Geheim" not in pictures.content(upload(sent))

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_what_is_larger_than_screens_is_made_smaller(self, kind, files):
        sent = drawn(kind, (2 * pictures.MAX_SIDE, 300))
        with Image.open(BytesIO(pictures.content(upload(sent)))) as image:
            assert image.size == (pictures.MAX_SIDE, 150)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_what_moves_stands_still(self, kind, project, files, tmp_path):
        sent = drawn(kind, (3, 2), **two())
        as_portal("package_patch", id=project["id"], image_upload=upload(sent))
        [stored] = [f for f in tmp_path.rglob("*") if f.is_file()]
        with Image.open(stored) as image:
            assert getattr(image, "n_frames", 1) == 1

    @pytest.mark.parametrize("content", [PNG[:40], JPEG[:200], WEBP[:20]])
    def test_what_can_not_be_read_is_refused(self, content, project, files):
        with pytest.raises(tk.ValidationError) as raised:
            as_portal(
                "package_patch", id=project["id"], image_upload=upload(content)
            )
        assert raised.value.error_dict == {"image_upload": [REFUSED]}
        assert files() == []

    @pytest.mark.parametrize("size", [(10_000, 5_001), (20_000, 10_000)])
    def test_too_many_pixels_are_refused(self, size, project, files):
        buffer = BytesIO()
        Image.new("1", size).save(buffer, "PNG")
        sent = buffer.getvalue()
        assert len(sent) < 100_000
        with pytest.raises(tk.ValidationError) as raised:
            as_portal(
                "package_patch", id=project["id"], image_upload=upload(sent)
            )
        assert raised.value.error_dict == {
            "image_upload": ["The picture may have at most 25 million pixels"]
        }
        assert files() == []


class TestForm:
    def test_uploads_with_a_new_project(self, browser, organization, files):
        form = browser.form("/civic_project/new").with_values(
            title="Mit Bild",
            owner_org=organization["id"],
            image_upload=upload(WEBP, "bild.webp", "image/webp"),
        )
        response = browser.send(form)
        assert response.request.path == "/civic_project/mit-bild"
        project = as_portal("package_show", id="mit-bild")
        assert files() == [project["image_url"]]
        picture = html(response).select_one("img.digifarm-hero")
        assert picture["src"].endswith(project["image_url"])
        as_portal("dataset_purge", id=project["id"])

    def test_uploads_and_replaces(self, browser, pictured, files):
        [old] = files()
        form = browser.form(f"/civic_project/edit/{pictured['name']}")
        browser.send(form.with_values(image_upload=upload(JPEG, "b.jpg")))
        assert files() == [shown(pictured)["image_url"]] != [old]

    def test_keeps_the_picture_that_nobody_touches(
        self, browser, pictured, files
    ):
        form = browser.form(f"/civic_project/edit/{pictured['name']}")
        response = browser.send(form.with_values(title="Neuer Titel"))
        assert response.status_code == 200
        assert shown(pictured)["title"] == "Neuer Titel"
        assert shown(pictured)["image_url"] == pictured["image_url"]
        assert files() == [pictured["image_url"]]

    def test_clears(self, browser, pictured, files):
        path = f"/civic_project/edit/{pictured['name']}"
        browser.send(browser.form(path).with_values(clear_upload="true"))
        assert not shown(pictured).get("image_url")
        assert files() == []
        assert "clear_upload" not in browser.get(path).body

    def test_replaces_by_an_address(self, browser, pictured, files):
        address = "https://example.org/a.png"
        path = f"/civic_project/edit/{pictured['name']}"
        browser.send(browser.form(path).with_values(image_url=address))
        assert shown(pictured)["image_url"] == address
        assert browser.form(path)["image_url"] == address
        assert files() == []

    def test_with_errors_keeps_the_old_picture_until_they_are_gone(
        self, browser, pictured, files
    ):
        path = f"/civic_project/edit/{pictured['name']}"
        form = browser.form(path)
        response = browser.send(
            form.with_values(title="", image_upload=upload(JPEG))
        )
        assert html(response).select("#errors")
        assert files() == [pictured["image_url"]]
        # The page after the error shows the new one; who leaves that out, or
        # sends the old form, changes nothing of the stored one.
        assert html(response).select("figure img")
        again = form.with_values(title="Richtig", image_upload=[])
        browser.send(again)
        assert shown(pictured)["title"] == "Richtig"
        assert files() == [shown(pictured)["image_url"]]
        assert files() == [pictured["image_url"]]

    def test_offers_files_of_the_allowed_types(
        self, browser, pictured, ckan_config, monkeypatch
    ):
        monkeypatch.setitem(
            ckan_config, "ckan.upload.civic_project.mimetypes", ["image/avif"]
        )
        page = browser.get(f"/civic_project/edit/{pictured['name']}")
        [field] = html(page).select("input[type=file]")
        assert field["accept"] == "image/avif"

    def test_says_beside_the_field_what_is_wrong(
        self, browser, pictured, files
    ):
        form = browser.form(f"/civic_project/edit/{pictured['name']}")
        response = browser.send(
            form.with_values(image_upload=upload(SVG, "bild.png"))
        )
        beside = html(response).select_one("#field-image_url-error")
        assert text_of(beside) == REFUSED
        assert files() == [pictured["image_url"]]


class TestApi:
    @pytest.fixture
    def post(self, shared_app, editor):
        def post(action: str, token: str | None = None, **data: Any):
            headers = {"Authorization": token or editor["token"]}
            return shared_app.post(
                f"{API}/{action}", data=data, headers=headers
            )

        return post

    def test_uploads(self, post, project, organization, files):
        response = post(
            "package_patch", id=project["id"], image_upload=upload()
        )
        assert response.json["success"]
        assert files() == [shown(project)["image_url"]]
        response = post(
            "package_create",
            type="civic_project",
            title="Mit Bild",
            owner_org=organization["id"],
            image_upload=upload(JPEG),
        )
        assert response.json["result"]["image_url"] in files()
        assert len(files()) == 2
        as_portal("dataset_purge", id="mit-bild")

    def test_refuses_what_is_no_picture(self, post, project, files):
        response = post(
            "package_patch", id=project["id"], image_upload=upload(SVG)
        )
        assert response.status_code == 409
        assert response.json["error"]["image_upload"] == [REFUSED]
        assert files() == []

    def test_refuses_a_file_in_another_field(self, post, project, files):
        for name in ("title", "image_url", "technologies", "tags"):
            response = post(
                "package_patch", id=project["id"], **{name: upload()}
            )
            assert response.status_code == 409
            assert name in response.json["error"]
        assert files() == []

    def test_clears(self, post, pictured, files):
        post("package_patch", id=pictured["id"], clear_upload="true")
        assert not shown(pictured).get("image_url")
        assert files() == []

    @pytest.mark.parametrize("value", ["", "a.png", "{}"])
    def test_is_not_confused_by_text_in_the_place_of_a_file(
        self, value, post, pictured, files
    ):
        response = post("package_patch", id=pictured["id"], image_upload=value)
        assert response.status_code in {200, 409}
        assert files() == [shown(pictured)["image_url"]]

    @pytest.mark.parametrize("value", ["maybe", "", 5, None, [], {"a": 1}])
    def test_is_not_confused_by_other_answers_to_clear(
        self, value, pictured, files
    ):
        try:
            as_portal("package_patch", id=pictured["id"], clear_upload=value)
        except tk.ValidationError as e:
            assert list(e.error_dict) == ["clear_upload"]
        assert [shown(pictured).get("image_url")] == (files() or [None])

    def test_writes_nothing_for_those_who_may_not(
        self, post, pictured, organization, files
    ):
        before = shown(pictured)
        foreign = factories.UserWithToken()["token"]
        for token in (foreign, "no-token"):
            for action, data in (
                ("package_patch", {"id": pictured["id"]}),
                ("package_update", {**_texts(before)}),
                (
                    "package_create",
                    {
                        "type": "civic_project",
                        "title": "Unerlaubt",
                        "owner_org": organization["id"],
                    },
                ),
            ):
                response = post(action, token, image_upload=upload(), **data)
                assert response.status_code == 403, action
        assert shown(pictured) == before
        assert files() == [pictured["image_url"]]


def _texts(project: dict[str, Any]) -> dict[str, str]:
    return {k: v for k, v in project.items() if v and isinstance(v, str)}


class TestFiles:
    def test_are_as_large_as_allowed(
        self, project, files, ckan_config, monkeypatch
    ):
        monkeypatch.setitem(ckan_config, "ckan.max_image_size", 1)
        allowed = PNG.ljust(1024 * 1024, b"\x00")
        patched = as_portal(
            "package_patch", id=project["id"], image_upload=upload(allowed)
        )
        with pytest.raises(tk.ValidationError) as raised:
            as_portal(
                "package_patch",
                id=project["id"],
                image_upload=upload(allowed + b"\x00"),
            )
        assert raised.value.error_dict == {
            "image_upload": ["The picture may be at most 1 MB"]
        }
        assert files() == [patched["image_url"]]

    @pytest.mark.parametrize(
        "name",
        [
            "../../../evil.png",
            "/etc/passwd",
            "..\\evil.png",
            "ä „ö“ 🌳.png",
            "<script>.png",
            "a.png\x00.html",
            "a\ud800.png",
            "a" * 300 + ".png",
            ".png",
            "..",
            " ",
        ],
    )
    def test_are_stored_where_they_belong_whatever_their_name(
        self, name, project, files
    ):
        patched = as_portal(
            "package_patch", id=project["id"], image_upload=upload(name=name)
        )
        [stored] = files()
        assert patched["image_url"] == stored
        assert Path(stored).suffix == ".png"
        assert stored.isascii()
        assert "<" not in stored

    def test_stay_when_the_project_is_refused(self, pictured, files):
        with pytest.raises(tk.ValidationError):
            as_portal(
                "package_patch",
                id=pictured["id"],
                title="",
                image_upload=upload(JPEG),
            )
        assert files() == [pictured["image_url"]]
        with pytest.raises(tk.ValidationError):
            as_portal(
                "package_patch", id=pictured["id"], url="x", clear_upload=True
            )
        assert files() == [pictured["image_url"]]
        assert shown(pictured)["image_url"] == pictured["image_url"]

    def test_stay_when_the_search_index_fails(self, pictured, files):
        with (
            mock.patch.object(
                PackageSearchIndex,
                "index_package",
                side_effect=SearchIndexError("down"),
            ),
            pytest.raises(SearchIndexError),
        ):
            as_portal(
                "package_patch", id=pictured["id"], image_upload=upload(JPEG)
            )
        model.Session.rollback()
        assert files() == [pictured["image_url"]]
        assert shown(pictured)["image_url"] == pictured["image_url"]

    def test_stay_when_core_drops_a_deferred_update(self, pictured, files):
        action = tk.get_action("package_patch")
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
        action(
            {"user": user["name"], "ignore_auth": True, "defer_commit": True},
            {"id": pictured["id"], "image_upload": upload(JPEG)},
        )
        model.Session.rollback()
        assert shown(pictured)["image_url"] == pictured["image_url"]
        assert pictured["image_url"] in files()

    def test_that_can_not_be_removed_do_not_stop_an_update(
        self, pictured, files, monkeypatch
    ):
        failing = mock.Mock(side_effect=files_.exc.StorageError("down"))
        monkeypatch.setattr(pictures, "remove", failing)
        patched = as_portal(
            "package_patch", id=pictured["id"], image_upload=upload(JPEG)
        )
        assert failing.called
        assert patched["image_url"] in files()

    def test_stay_with_what_a_deleted_project_needs(self, pictured, files):
        as_portal("package_delete", id=pictured["name"])
        assert files() == [pictured["image_url"]]

    def test_go_when_the_project_is_purged(self, pictured, files):
        as_portal("dataset_purge", id=pictured["id"])
        assert files() == []

    @pytest.mark.parametrize("name", ["../elsewhere.png", "/elsewhere.png"])
    def test_elsewhere_stay(self, name, files, tmp_path):
        """What an old version or a hand in the database has left."""
        elsewhere = tmp_path / "storage" / "uploads" / "elsewhere.png"
        elsewhere.write_bytes(PNG)
        pictures.remove(name)
        assert elsewhere.exists()
        elsewhere.unlink()

    def test_go_with_an_update_that_names_no_picture(self, pictured, files):
        project = shown(pictured)
        del project["image_url"]
        updated = as_portal("package_update", **project)
        assert not updated.get("image_url")
        assert files() == []

    def test_stay_with_an_update_that_names_the_picture(self, pictured, files):
        as_portal("package_update", **shown(pictured))
        assert files() == [pictured["image_url"]]

    @pytest.mark.parametrize(
        "name",
        ["{}", " {}", "./{}", "../civic_project/{}", "/{}", "{}?x", "\t{}"],
    )
    def test_of_another_project_can_not_be_taken(
        self, name, pictured, project_factory, organization, files
    ):
        name = name.format(pictured["image_url"])
        with pytest.raises(tk.ValidationError) as raised:
            project_factory(owner_org=organization["id"], image_url=name)
        assert set(raised.value.error_dict) == {"image_url"}
        other = project_factory(owner_org=organization["id"])
        with pytest.raises(tk.ValidationError) as raised:
            as_portal("package_patch", id=other["id"], image_url=name)
        assert set(raised.value.error_dict) == {"image_url"}
        as_portal("package_patch", id=other["id"], clear_upload=True)
        as_portal("package_patch", id=other["id"], image_upload=upload())
        assert pictured["image_url"] in files()

    def test_of_the_own_project_can_be_named(self, pictured, files):
        patched = as_portal(
            "package_patch",
            id=pictured["id"],
            image_url=pictured["image_url"],
            title="Anders",
        )
        assert patched["title"] == "Anders"
        assert files() == [pictured["image_url"]]

    def test_of_datasets_are_none_of_our_business(self, organization, files):
        dataset = factories.Dataset(owner_org=organization["id"])
        with pytest.raises((tk.ValidationError, TypeError, ValueError)):
            as_portal(
                "package_create",
                name="with-a-file",
                owner_org="no-such",
                image_upload=upload(),
            )
        assert as_portal("package_show", id=dataset["id"])
        assert files() == []


class TestPortalWithoutPictures:
    @pytest.fixture(params=["no storage", "uploads off"])
    def portal(self, request, ckan_config, monkeypatch, tmp_path) -> None:
        if request.param == "no storage":
            monkeypatch.setitem(ckan_config, "ckan.storage_path", None)
        else:
            monkeypatch.setitem(
                ckan_config, "ckan.storage_path", str(tmp_path)
            )
            monkeypatch.setitem(ckan_config, "ckan.uploads_enabled", False)

    def test_says_so(self, portal, project, tmp_path):
        with pytest.raises(tk.ValidationError) as raised:
            as_portal("package_patch", id=project["id"], image_upload=upload())
        assert raised.value.error_dict == {
            "image_upload": ["Pictures can’t be uploaded to this portal"]
        }
        assert list(tmp_path.rglob("*")) == []

    def test_offers_no_upload_but_an_address(self, portal, project, browser):
        path = f"/civic_project/edit/{project['name']}"
        form = browser.form(path)
        assert "image_upload" not in form.values
        address = "https://example.org/a.png"
        browser.send(form.with_values(image_url=address))
        assert shown(project)["image_url"] == address
        browser.send(browser.form(path).with_values(clear_upload="true"))
        assert not shown(project).get("image_url")

    def test_says_it_in_the_form_too(self, portal, project, browser):
        form = browser.form(f"/civic_project/edit/{project['name']}")
        response = browser.send(form.with_values(image_upload=upload()))
        assert "Pictures can’t be uploaded to this portal" in text_of(
            html(response).select_one("#errors")
        )


class TestAsUser:
    def test_an_editor_replaces_and_clears(self, editor, pictured, files):
        replaced = as_user(
            editor["name"],
            "package_patch",
            id=pictured["id"],
            image_upload=upload(JPEG),
        )
        assert files() == [replaced["image_url"]]
        as_user(
            editor["name"],
            "package_patch",
            id=pictured["id"],
            clear_upload=True,
        )
        assert files() == []
