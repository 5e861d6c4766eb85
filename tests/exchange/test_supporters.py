"""What an import makes of Inhalt, Technik and Sponsor."""

from __future__ import annotations

import pytest

from ckan import model
from ckan.lib.search import SearchIndexError, index
from ckanext.digifarm.lib.events import Event, Subject
from ckanext.digifarm.partners.model import Partner
from ckanext.digifarm.support.model import Support

from ..acting import as_portal
from .records import of_digifarm_ms


def read(**row):
    """The supporters of a record, and what is reported."""
    [record] = of_digifarm_ms([{"Name": "x", **row}])
    return record.supporters, record


def partners():
    """Titles and states of all partners."""
    model.Session.rollback()
    return {partner.title: partner.state for partner in Partner.every()}


def supporters(project="baumblick", state="accepted"):
    """Area and title of partner or name of person, sorted."""
    found = as_portal("digifarm_support_list", project=project, state=state)
    return sorted(
        (s["area"], s["partner"]["title"] if s["partner"] else s["person"])
        for s in found
    )


def end(title):
    """Let what a partner supports end, or what private persons do."""
    for support in as_portal("digifarm_support_list", project="baumblick"):
        partner = support["partner"]
        if (partner["title"] if partner else "") == title:
            as_portal("digifarm_support_end", id=support["id"])


class TestReading:
    def test_names_stand_between_commas(self):
        found, _ = read(Inhalt="Amt für Bürger- und Ratsservice ,Radclub")
        assert [(s.area, s.title, s.url) for s in found] == [
            ("content", "Amt für Bürger- und Ratsservice", ""),
            ("content", "Radclub", ""),
        ]

    def test_parts_without_a_name_are_reported(self):
        found, record = read(Technik="Radclub, --, ")
        assert [s.title for s in found] == ["Radclub"]
        assert record.reports == ["Technik: “--” counts as empty"]

    @pytest.mark.parametrize(
        ("value", "title", "url"),
        [
            ("https://radclub.de", "radclub.de", "https://radclub.de"),
            (
                "HTTP://www.radclub.de/",
                "radclub.de",
                "HTTP://www.radclub.de/",
            ),
            ("www.radclub.de", "radclub.de", "https://www.radclub.de"),
            ("radclub.de/wir", "radclub.de/wir", "https://radclub.de/wir"),
            ("Radclub e.V.", "Radclub e.V.", ""),
            ("St.Martin", "St.Martin", ""),
        ],
    )
    def test_an_address_gives_title_and_url(self, value, title, url):
        [supporter], _ = read(Sponsor=value)
        assert (supporter.title, supporter.url) == (title, url)

    @pytest.mark.parametrize(
        "value",
        [
            "https://github.com/somebody",
            "https://www.GitHub.com/somebody/",
            "http://gitlab.com/somebody",
            "codeberg.org/somebody",
            "https://somebody.github.io",
            "Somebody (github.com/somebody)",
            "somebody@example.org",
            "Ehrenamtliche Einzelperson",
            "Privatperson",
            "privat",
            "Ehrenamtlicher Entwickler",
        ],
    )
    def test_nothing_is_kept_of_a_private_person(self, value):
        [supporter], record = read(Technik=value)
        assert (supporter.area, supporter.key) == ("technology", "Technik")
        assert not supporter.title
        assert "somebody" not in repr(record).casefold()

    @pytest.mark.parametrize(
        "value",
        ["https://github.com", "GitHub", "Privatbrauerei", "Ehrenamt e.V."],
    )
    def test_others_are_no_private_persons(self, value):
        [supporter], _ = read(Technik=value)
        assert supporter.title

    @pytest.mark.parametrize(
        ("title", "kind"),
        [
            ("Amt für Grün", "department"),
            ("Grünflächenamt", "department"),
            ("Stadt Münster", "department"),
            ("Stadtarchiv", "department"),
            ("Stadtbaumfreunde e.V.", "association"),
            ("Ehrenamt e. V.", "association"),
            ("Codeberg", "association"),
            ("Institut für Geschichte", "university"),
            ("Universität Münster", "university"),
            ("FH – Hochschule", "university"),
            ("Volkshochschule", "school"),
            ("Realschule", "school"),
            ("Radbau GmbH", "company"),
            ("Radbau AG", "company"),
            ("Rad-AG", "other"),
            ("Github", "company"),
            ("Gitlab", "company"),
            ("CodeForMünster", "developers"),
            ("Code for Germany e.V.", "developers"),
            ("Radstiftung", "foundation"),
            ("Handwerkskammer", "chamber"),
            ("Radnetzwerk", "network"),
            ("Ehrenamt", "other"),
            ("Radclub", "other"),
        ],
    )
    def test_the_name_tells_the_kind(self, title, kind):
        [supporter], _ = read(Inhalt=title)
        assert supporter.kind == kind

    def test_no_message_shows_what_stands_where_text_belongs(self):
        _, record = read(Inhalt=["github.com/somebody"])
        assert record.errors == {"Inhalt": ["must be text"]}


@pytest.mark.usefixtures("empty_portal")
class TestImport:
    def test_makes_partners_and_supports(self, run_import, option):
        result = run_import(
            [
                {
                    "Name": "Baumblick",
                    "Inhalt": "Grünamt, https://radclub.de",
                    "Technik": "https://github.com/somebody",
                    "Sponsor": "",
                }
            ],
            option,
        )
        assert supporters() == [
            ("content", "Grünamt"),
            ("content", "radclub.de"),
            ("technology", ""),
        ]
        found = {partner.title: partner for partner in Partner.every()}
        assert found.keys() == {"Grünamt", "radclub.de"}
        assert found["Grünamt"].kind == "department"
        assert found["Grünamt"].url == ""
        assert found["radclub.de"].url == "https://radclub.de"
        assert "0 links added, 3 supporters added" in result.stdout
        project = as_portal("package_show", id="baumblick")
        assert project["help_wanted"] == ["sponsoring"]

    def test_reports_what_it_recorded(self, run_import, option):
        rows = [
            {"Name": "Baumblick", "Inhalt": "Grünamt", "Technik": "Privat"}
        ]
        new = "“Grünamt” is new in the directory, as “City department”"
        assert run_import(rows, option).stdout.splitlines()[1:3] == [
            f"    Inhalt: {new}",
            "    Technik: a private person is recorded without a name",
        ]
        assert len(run_import(rows).stdout.splitlines()) == 2

    def test_the_history_names_the_site_user(self, run_import, option):
        run_import([{"Name": "Baumblick", "Inhalt": "Grünamt"}], option)
        site_user = as_portal("get_site_user")
        events = model.Session.query(Event).all()
        assert {(event.subject, event.target) for event in events} == {
            (Subject.PARTNER.value, "active"),
            (Subject.PROJECT.value, "public"),
            (Subject.SUPPORT.value, "accepted"),
        }
        users = {model.User.get(event.created_by) for event in events}
        assert {user.name for user in users if user} == {site_user["name"]}

    def test_the_same_actor_is_one_partner(self, run_import, option):
        result = run_import(
            [
                {
                    "Name": "Baumblick",
                    "Inhalt": "CodeForMünster, Code for Münster",
                    "Technik": "CODE FOR MÜNSTER!",
                    "Sponsor": "https://radclub.de, http://www.radclub.de/",
                },
                {"Name": "Radpuls", "Sponsor": "code-for-munster"},
                {"Name": "Rathaus", "Sponsor": "https://radclub.de/wir"},
            ],
            option,
        )
        assert partners().keys() == {"CodeForMünster", "radclub.de"}
        assert supporters() == [
            ("content", "CodeForMünster"),
            ("sponsoring", "radclub.de"),
            ("technology", "CodeForMünster"),
        ]
        assert supporters("radpuls") == [("sponsoring", "CodeForMünster")]
        assert supporters("rathaus") == [("sponsoring", "radclub.de")]
        assert "5 supporters added" in result.stdout

    def test_partners_of_the_directory_are_found(self, run_import, option):
        for title, url in (
            ("Code for Münster", "https://codeformuenster.org"),
            ("Faire Stadt", "https://www.muensterfair.de/wir"),
        ):
            as_portal(
                "digifarm_partner_create", title=title, kind="other", url=url
            )
        run_import(
            [
                {
                    "Name": "Baumblick",
                    "Inhalt": "https://muensterfair.de",
                    "Technik": "CodeForMünster",
                }
            ],
            option,
        )
        assert partners().keys() == {"Code for Münster", "Faire Stadt"}
        assert supporters() == [
            ("content", "Faire Stadt"),
            ("technology", "Code for Münster"),
        ]

    def test_a_partner_is_found_under_its_old_title(self, run_import, option):
        rows = [{"Name": "Baumblick", "Inhalt": "Grünamt"}]
        run_import(rows, option)
        as_portal(
            "digifarm_partner_update", id="gruenamt", title="Amt für Grün"
        )
        assert "1 unchanged" in run_import(rows).stdout
        assert partners().keys() == {"Amt für Grün"}

    def test_pages_of_one_host_are_several_partners(self, run_import, option):
        rows = [
            {
                "Name": "Baumblick",
                "Inhalt": "https://stadt.de/gruen, https://stadt.de/rad",
                "Technik": "http://www.stadt.de/rad/",
            }
        ]
        run_import(rows, option)
        assert supporters() == [
            ("content", "stadt.de/gruen"),
            ("content", "stadt.de/rad"),
            ("technology", "stadt.de/rad"),
        ]
        assert len(partners()) == 2

    def test_an_address_is_better_than_that_of_its_host(
        self, run_import, option
    ):
        for title, url in (
            ("Stadt", "https://stadt.de"),
            ("Radamt", "https://stadt.de/rad/"),
        ):
            as_portal(
                "digifarm_partner_create", title=title, kind="other", url=url
            )
        run_import(
            [
                {
                    "Name": "Baumblick",
                    "Inhalt": "https://stadt.de/rad",
                    "Technik": "https://stadt.de",
                }
            ],
            option,
        )
        assert supporters() == [("content", "Radamt"), ("technology", "Stadt")]

    def test_who_supports_is_found_again_beside_a_new_partner(
        self, run_import, option
    ):
        rows = [{"Name": "Baumblick", "Inhalt": "https://stadt.de/rad"}]
        as_portal(
            "digifarm_partner_create",
            title="Stadt",
            kind="other",
            url="https://stadt.de",
        )
        run_import(rows, option)
        as_portal(
            "digifarm_partner_create",
            title="Radamt",
            kind="other",
            url="https://stadt.de/rad",
        )
        assert "1 unchanged" in run_import(rows).stdout
        assert supporters() == [("content", "Stadt")]

    def test_a_supporter_alone_is_an_update(self, run_import, option):
        run_import([{"Name": "Baumblick"}], option)
        result = run_import([{"Name": "Baumblick", "Inhalt": "Grünamt"}])
        assert "0 created, 1 updated, 0 unchanged" in result.stdout
        assert "1 supporters added" in result.stdout

    def test_a_second_import_adds_nobody(self, run_import, option):
        rows = [
            {
                "Name": "Baumblick",
                "Inhalt": "Grünamt, https://radclub.de",
                "Technik": "github.com/somebody, gitlab.com/another",
            }
        ]
        run_import(rows, option)
        before = supporters(), partners()
        result = run_import(rows)
        assert "1 unchanged" in result.stdout
        assert "0 supporters added" in result.stdout
        assert (supporters(), partners()) == before

    def test_nobody_is_removed(self, run_import, option):
        run_import(
            [{"Name": "Baumblick", "Inhalt": "A-Amt, Privatperson"}], option
        )
        run_import([{"Name": "Baumblick", "Inhalt": "B-Amt"}])
        run_import([{"Name": "Baumblick", "Inhalt": ""}])
        assert supporters() == [
            ("content", ""),
            ("content", "A-Amt"),
            ("content", "B-Amt"),
        ]

    def test_what_has_ended_stays_ended(self, run_import, option):
        rows = [{"Name": "Baumblick", "Inhalt": "Grünamt, Privatperson"}]
        run_import(rows, option)
        end("Grünamt")
        end("")
        assert "1 unchanged" in run_import(rows).stdout
        assert supporters() == []
        # Elsewhere the same partner may help.
        run_import([{"Name": "Baumblick", "Technik": "Grünamt"}])
        assert supporters() == [("technology", "Grünamt")]

    def test_one_more_private_person_is_added(self, run_import, option):
        run_import([{"Name": "Baumblick", "Inhalt": "Privatperson"}], option)
        end("")
        rows = [
            {
                "Name": "Baumblick",
                "Inhalt": "Privatperson, github.com/somebody",
                "Technik": "Privatperson",
            }
        ]
        assert "2 supporters added" in run_import(rows).stdout
        assert supporters() == [("content", ""), ("technology", "")]
        assert supporters(state="ended") == [("content", "")]

    def test_who_agreed_to_be_named_is_not_added_again(
        self, run_import, option
    ):
        run_import([{"Name": "Baumblick"}], option)
        as_portal(
            "digifarm_support_create",
            project="baumblick",
            area="technology",
            person="Ada",
            consent=True,
        )
        rows = [{"Name": "Baumblick", "Technik": "Privatperson"}]
        assert "1 unchanged" in run_import(rows).stdout
        assert supporters() == [("technology", "Ada")]

    def test_a_private_person_is_nowhere(self, run_import, option):
        result = run_import(
            [{"Name": "Baumblick", "Technik": "https://gitlab.com/somebody"}],
            option,
        )
        assert "somebody" not in result.output
        assert partners() == {}
        [support] = model.Session.query(Support)
        assert (support.person, support.scope) == ("", "")
        reasons = {event.reason for event in model.Session.query(Event)}
        assert reasons == {""}

    def test_deleted_partners_stay_deleted(self, run_import, option):
        as_portal("digifarm_partner_create", title="GitHub", kind="company")
        as_portal("digifarm_partner_delete", id="github")
        rows = [{"Name": "Baumblick", "Sponsor": "Github, Gitlab"}]
        result = run_import(rows, option)
        assert result.exit_code == 0
        assert (
            "Sponsor: “Github” is not imported; this partner is deleted here"
            in result.stdout
        )
        assert partners() == {"GitHub": "deleted", "Gitlab": "active"}
        assert supporters() == [("sponsoring", "Gitlab")]

    def test_of_two_partners_the_one_in_the_directory_supports(
        self, run_import, option
    ):
        as_portal("digifarm_partner_create", title="Git-Hub", kind="company")
        as_portal("digifarm_partner_delete", id="git-hub")
        as_portal("digifarm_partner_create", title="GitHub", kind="company")
        run_import([{"Name": "Baumblick", "Sponsor": "Github"}], option)
        assert supporters() == [("sponsoring", "GitHub")]

    def test_a_partner_that_supports_already_is_no_news_once_deleted(
        self, run_import, option
    ):
        rows = [{"Name": "Baumblick", "Sponsor": "Github"}]
        run_import(rows, option)
        as_portal("digifarm_partner_delete", id="github")
        result = run_import(rows)
        assert "1 unchanged" in result.stdout
        assert "not imported" not in result.stdout

    def test_a_dry_run_knows_what_it_would_add(self, run_import, option):
        rows = [
            {"Name": "Baumblick", "Inhalt": "Grünamt", "Technik": "Grünamt"},
            {"Name": "Radpuls", "Inhalt": "Grün-Amt, Privatperson"},
        ]
        dry = run_import(rows, option, "--dry-run").stdout
        assert dry.count("is new in the directory") == 1
        assert "4 supporters added" in dry
        assert partners() == {}
        assert model.Session.query(Support).count() == 0
        assert model.Session.query(Event).count() == 0
        real = run_import(rows, option).stdout
        assert f"Dry run, nothing was written: {real.splitlines()[-1]}" in dry
        assert dry.splitlines()[:-1] == real.splitlines()[:-1]

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"Technik": "x" * 201}, "    Technik: "),
            ({"Technik": "a\0b"}, "    Technik: “a\\x00b” – title: "),
            ({"Technik": "https://["}, "    Technik: “[” – url: "),
            ({"datasets": ["nowhere"]}, "    datasets: "),
        ],
    )
    def test_a_mistake_leaves_nothing_behind(
        self, run_import, option, wrong, message
    ):
        result = run_import(
            [
                {"Name": "Baumblick", "Inhalt": "Grünamt", **wrong},
                {"Name": "Radpuls", "Inhalt": "Grünamt"},
            ],
            option,
        )
        assert result.exit_code == 1
        assert result.stderr.splitlines()[1].startswith(message)
        assert model.Package.get("baumblick") is None
        assert supporters("radpuls") == [("content", "Grünamt")]
        # The second record says so: the first left the import's memory too.
        assert "is new in the directory" in result.stdout
        assert partners().keys() == {"Grünamt"}

    def test_later_records_make_the_partner_that_a_failed_one_did_not(
        self, run_import, option, monkeypatch
    ):
        insert = index.PackageSearchIndex.index_package

        def refuse(self, pkg_dict, *args, **kwargs):
            if pkg_dict["name"] == "baumblick":
                raise SearchIndexError("Solr says no")
            return insert(self, pkg_dict, *args, **kwargs)

        monkeypatch.setattr(index.PackageSearchIndex, "index_package", refuse)
        result = run_import(
            [
                {"Name": "Baumblick", "Inhalt": "Grünamt, Privatperson"},
                {"Name": "Radpuls", "Inhalt": "Grünamt"},
            ],
            option,
        )
        assert "1 created, 0 updated, 0 unchanged, 1 failed" in result.stdout
        assert "1 supporters added" in result.stdout
        assert supporters("radpuls") == [("content", "Grünamt")]
        assert model.Session.query(Support).count() == 1


@pytest.mark.usefixtures("empty_portal")
class TestMaybePersons:
    """Who nobody knows to be a group waits for a reviewer."""

    ROW = {"Name": "Baumblick", "Technik": "Kim Kern", "Inhalt": "Ein Amt"}

    def test_are_put_forward(self, run_import, option):
        result = run_import([self.ROW], option)
        assert result.exit_code == 0
        assert "“Kim Kern” may be a person, so it waits" in result.stdout
        assert "1 supporters added" in result.stdout
        assert partners() == {"Kim Kern": "proposed", "Ein Amt": "active"}
        [waiting] = as_portal("digifarm_partner_proposed_list")
        assert waiting["title"] == "Kim Kern"
        shown = as_portal("digifarm_support_list", project="baumblick")
        assert [s["partner"]["title"] for s in shown] == ["Ein Amt"]

    def test_are_put_forward_once(self, run_import, option):
        rows = [
            self.ROW,
            {**self.ROW, "Name": "Radpuls", "Sponsor": "kim kern"},
        ]
        run_import(rows, option)
        assert sorted(partners()) == ["Ein Amt", "Kim Kern"]
        result = run_import(rows, option)
        assert "0 updated, 2 unchanged" in result.stdout
        assert "“Kim Kern” waits for a reviewer" in result.stdout
        assert len(partners()) == 2

    def test_support_once_a_reviewer_says_yes(self, run_import, option):
        run_import([self.ROW], option)
        [waiting] = as_portal("digifarm_partner_proposed_list")
        as_portal("digifarm_partner_accept", id=waiting["id"])
        result = run_import([self.ROW], option)
        assert "1 supporters added" in result.stdout
        assert "1 unchanged" in run_import([self.ROW], option).stdout

    def test_stay_out_once_a_reviewer_says_no(self, run_import, option):
        run_import([self.ROW], option)
        [waiting] = as_portal("digifarm_partner_proposed_list")
        as_portal("digifarm_partner_decline", id=waiting["id"], reason="x")
        result = run_import([self.ROW], option)
        assert "“Kim Kern” is not imported" in result.stdout
        assert partners()["Kim Kern"] == "deleted"

    def test_whoever_has_a_page_or_a_kind_is_none(self, run_import, option):
        run_import(
            [{"Name": "Baumblick", "Technik": "https://gruppe.example"}],
            option,
        )
        text = 'title;supporters_content\nRadpuls;"Kim Kern | other"\n'
        run_import(text, option)
        assert partners() == {
            "gruppe.example": "active",
            "Kim Kern": "active",
        }

    def test_dry_run_puts_nobody_forward(self, run_import, option):
        result = run_import([self.ROW], option, "--dry-run")
        assert "may be a person" in result.stdout
        assert partners() == {}
