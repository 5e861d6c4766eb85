"""JSON files of many projects: what is read of them, and what is refused."""

from __future__ import annotations

import codecs
import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digifarm.exchange import documents, files, json_files
from ckanext.digifarm.exchange.plan import Result
from ckanext.digifarm.exchange.record import UnreadableFile
from ckanext.digifarm.exchange.run import Importer

KEY = "projects"

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("json") / "file.json"

    def read(text):
        path.write_bytes(text.encode())
        return json_files.read(path, "utf-8", KEY)

    return read


@pytest.fixture
def wrong(read):
    def wrong(text):
        with pytest.raises(UnreadableFile) as found:
            read(text)
        return str(found.value)

    return wrong


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, json_files.CHUNK])
class TestAsPythonReadsIt:
    """Whatever is cut through where a part ends."""

    @given(values=st.lists(VALUES, max_size=4), indent=st.none() | st.just(1))
    def test_list(self, chunk, read, values, indent):
        text = json.dumps(values, indent=indent)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_files, "CHUNK", chunk)
            document = read(text)
            assert document.head is None
            assert document.count == len(values)
            assert [*document.projects()] == values

    @given(
        values=st.lists(VALUES, max_size=3),
        before=st.dictionaries(st.text(max_size=3), VALUES, max_size=2),
        after=st.dictionaries(st.text(max_size=3), VALUES, max_size=2),
    )
    def test_object(self, chunk, read, values, before, after):
        after = {k: v for k, v in after.items() if k not in before}
        text = json.dumps({**before, KEY: values, **after})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_files, "CHUNK", chunk)
            document = read(text)
            assert [*document.projects()] == values
            assert [*document.projects()] == values
        assert document.count == len(values)
        assert document.head == {
            name: None if isinstance(value, dict | list) else value
            for name, value in {**before, KEY: [], **after}.items()
        }

    @given(value=VALUES, cut=st.integers(0, 40))
    def test_what_is_cut_off_is_refused(self, chunk, read, value, cut):
        text = json.dumps([value])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_files, "CHUNK", chunk)
            with pytest.raises(UnreadableFile):
                read(text[: min(cut, len(text) - 1)])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it ends in line 1, and something is missing."),
        ('[{"a": 1},\n\n  {"b": 2}', "it ends in line 3, and something"),
        ('[{"a": "b', 'line 1 is wrong from character 8 on, “"b”.'),
        ("[1,\n 2 3]", "line 2 is wrong from character 4 on, “3]”."),
        ('[{"a": 1}, {"a": tru}]', "from character 18 on, “tru}]”."),
        ("[1]\n]", "line 2 is wrong from character 1 on, “]”."),
        ("[1,]", "line 1 is wrong from character 4 on, “]”."),
        ("[,1]", "line 1 is wrong from character 2 on, “,1]”."),
        ('{"a": 1,}', "line 1 is wrong from character 9 on, “}”."),
        ('{"a" 1}', "line 1 is wrong from character 6 on, “1}”."),
        ("{a: 1}", "line 1 is wrong from character 2 on, “a: 1}”."),
        ('{"a": 1 "b"}', 'from character 9 on, “"b"}”.'),
        (
            '[1,\n{"a": {"b": 1, "b": 2}}]',
            "in line 2: an object has the key “b” twice.",
        ),
        (
            '{"a": 1,\n"projects": [1],\n"a": 2}',
            "in line 3: an object has the key “a” twice.",
        ),
        (
            '{"projects": [1],\n"projects": [2]}',
            "in line 2: an object has the key “projects” twice.",
        ),
        ("[" + "9" * 101 + "]", "in line 1: a number is too long."),
        ('[{"a": 1},\n{"a": NaN}]', "in line 2: NaN is no value in JSON"),
        ("[-Infinity]", "in line 1: -Infinity is no value in JSON"),
    ],
)
def test_what_is_wrong_is_said(wrong, text, said):
    assert said in wrong(text)


@pytest.mark.parametrize("lines", [0, 3, 40_000])
def test_places_are_those_of_the_whole_file(wrong, lines):
    """Of a file of which the beginning is forgotten already."""
    text = "[" + '{"a": "viel"},\n' * lines + '  {"a": 1 2}]'
    assert f"line {lines + 1} is wrong from character" in wrong(text)
    column = (2 if lines == 0 else 1) + len('  {"a": 1 ')
    assert f"character {column} on" in wrong(text)


def test_places_in_one_long_line(wrong):
    before = "[" + '{"a": "viel"},' * 40_000
    assert f"line 1 is wrong from character {len(before) + 7} on" in wrong(
        before + '{"a": }]'
    )


def test_a_key_that_is_there_twice_takes_no_longer(read, wrong):
    """However many there are."""
    keys = ",".join(f'"k{n}": 1' for n in range(20_000))

    def seconds(look, text):
        start = time.perf_counter()
        look(text)
        return time.perf_counter() - start

    usual = min(seconds(read, f"[{{{keys}}}]") for _ in range(3))
    twice = f'[{{{keys}, "k19999": 1}}]'
    assert min(seconds(wrong, twice) for _ in range(2)) < 10 * usual


def test_what_is_no_utf8_is_said_by_line_of_the_file(tmp_path):
    """Also where its first mark says that it is."""
    path = tmp_path / "file.json"
    path.write_bytes(codecs.BOM_UTF8 + b'[1,\n2,\n"\xff"]')
    with pytest.raises(UnreadableFile, match="Line 3 is no UTF-8"):
        files.read(path)


def test_nested_too_deeply(wrong):
    assert wrong("[" * 100_000) == "The JSON is nested too deeply."
    assert wrong('{"a":' * 100_000) == "The JSON is nested too deeply."


@pytest.mark.parametrize("text", ["1", '"a"', "null", '{"a": 1}', "{}"])
def test_without_a_list(read, text):
    document = read(text)
    assert document.count is None
    assert document.head == (json.loads(text) if "{" in text else None)
    assert [*document.projects()] == []


@pytest.mark.parametrize("other", [None, {}, "a", 1])
def test_a_list_that_is_none(read, other):
    assert read(json.dumps({KEY: other})).count is None


class Line(io.StringIO):
    """Counts how much of it is asked for at once."""

    most = 0

    def read(self, size=-1):
        assert size > 0
        self.most = max(self.most, size)
        return super().read(size)


def test_no_more_is_kept_than_has_to_be():
    file = Line("[" + ('{"a": "' + "viel" * 100 + '"},\n') * 5_000 + "1]")
    text = json_files._Reading(file, KEY)
    assert sum(1 for _ in text.projects()) == 5_001
    assert file.most == json_files.CHUNK
    assert len(text._text._kept) < 2 * json_files.CHUNK


def test_what_is_broken_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(json_files, "LONGEST", 100_000)
    file = Line('[{"a": 1 2}, ' + '{"a": 1},\n' * 100_000)
    with pytest.raises(UnreadableFile, match="line 1 is wrong"):
        [*json_files._Reading(file, KEY).projects()]
    assert file.tell() < 300_000


class TestProjects:
    """What other programs write into documents like ours."""

    @pytest.fixture
    def record(self, tmp_path):
        def read(version=1, **project):
            file = tmp_path / "projects.json"
            document = {
                "format": documents.FORMAT,
                "version": version,
                "projects": [{"name": "a-1", **project}],
            }
            file.write_text(json.dumps(document))
            [found] = files.read(file).records()
            return found

        return read

    @pytest.mark.parametrize(
        ("said", "meant"),
        [(True, True), (False, False), ("ja", True), (1, True), ("no", False)],
    )
    def test_yes_and_no(self, record, said, meant):
        found = record(fields={"accompanied": said})
        assert found.fields["accompanied"] is meant

    @pytest.mark.parametrize("said", ["vielleicht", 2, [True], {"a": 1}])
    def test_neither_is_refused(self, record, said):
        found = record(fields={"accompanied": said})
        assert list(found.errors) == ["accompanied"]
        assert "accompanied" not in found.fields

    def test_null_says_nothing(self, record):
        partner = {"title": "A", "kind": None, "url": None, "name": None}
        found = record(
            private=None,
            organization=None,
            fields={"accompanied": None, "stage": None},
            datasets=[{"dataset": "b", "relation": None, "note": None}],
            supporters=[
                {"area": "content", "partner": partner, "scope": None},
                {"area": "content", "partner": None, "since": None},
            ],
            tasks=[{"title": "C", "effort": None, "skills": None}],
            here=None,
        )
        assert found.errors == {}
        assert found.fields == {"name": "a-1"}
        assert found.links == [{"dataset": "b"}]
        assert [one.title for one in found.supporters] == ["A", ""]
        assert found.tasks == [{"title": "C"}]

    @pytest.mark.parametrize("version", [True, "1", None, [1], 2, 0])
    def test_other_versions(self, record, version):
        with pytest.raises(UnreadableFile, match="of version"):
            record(version)


@pytest.mark.usefixtures("shared_portal")
@pytest.mark.parametrize("title", [3, 1.5, True])
def test_a_title_that_is_a_number_is_no_crash(tmp_path, title):
    path = tmp_path / "projects.json"
    head = {"format": documents.FORMAT, "version": documents.VERSION}
    projects = [{"name": 1, "fields": {"title": title}}]
    path.write_text(json.dumps({**head, KEY: projects}))
    [found] = files.read(path).records()
    outcome = Importer(None, dry_run=True).run(found)
    assert outcome.result is Result.FAILED
    assert str(outcome.complaints[0]) == "name: missing"
