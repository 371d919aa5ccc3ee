"""Other processes against a running worker: honest ones at once, and forged starts by a bare client."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dbos import DBOSClient, DBOSPortableJSONSerializer

from backhaul.bootstrap.doors import build_web_side
from backhaul.domain.audit import Tag
from backhaul.domain.codes import Reason
from backhaul.store import cases, ledger, reviews, rmas
from backhaul.store.audit import events, verify_chain
from backhaul.store.effect_tables import CommandRow, LabelRow, LedgerEntryRow, PermitRow, RmaLineRow, RmaRow
from backhaul.workflows.durable import APPLICATION_VERSION, QUEUE, SCHEMA
from tests.house import propose, settings_for
from tests.workflows import clients
from tests.workflows.processes import Outdoors, eventually, fork_server, outdoors, worker
from tools.permits import PermitClaims, Signer

pytestmark = [pytest.mark.bypass, pytest.mark.processes]
CLIENTS = 10
_OVER = {"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}


def a_drive_for_review(home: Outdoors, serial: str) -> tuple[str, str]:
    """One drive of 4,500 USD, which a person must approve: proposal and review."""
    sent = propose(
        home.desk,
        "SO-15093",
        1,
        1,
        Reason.NO_LONGER_NEEDED,
        words="the project is cancelled, we no longer need the drive",
        serials=(serial,),
    )

    def opened() -> tuple[str, str] | None:
        with home.store.read() as uow:
            (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
            review = reviews.review_of_proposal(uow, proposal.id)
        return (proposal.id, review.id) if review is not None else None

    return eventually(opened, "a review")


def bare_client(home: Outdoors) -> DBOSClient:
    """What anybody with the database's address can make."""
    return DBOSClient(
        system_database_url=home.store.engine.url.render_as_string(hide_password=False),
        system_database_engine=home.store.engine,
        dbos_system_schema=SCHEMA if home.store.is_postgres else None,
        serializer=DBOSPortableJSONSerializer(),
    )


def has_one_effect(home: Outdoors, proposal_id: str, review_id: str) -> None:
    client = bare_client(home)

    def all_resumed() -> bool:
        found = client.list_workflows(workflow_id_prefix=f"again-{review_id}", load_input=False)
        return len(found) == CLIENTS and all(one.status in _OVER for one in found)

    eventually(all_resumed, "ten resumes")
    client.destroy()

    def labelled() -> bool:
        with home.store.read() as uow:
            rma = rmas.rma_of_proposal(uow, proposal_id)
            return rma is not None and rmas.live_label(uow, rma.id) is not None

    eventually(labelled, "the label")
    with home.store.read() as uow:
        case_id = cases.proposal(uow, proposal_id).case_id
        (rma,) = rmas.rmas_of_case(uow, case_id)
        assert len(rmas.labels(uow, rma.id)) == 1
        spent = uow.session.scalars(
            sa.select(PermitRow.action).where(PermitRow.case_id == case_id, PermitRow.spent_at.is_not(None))
        ).all()
        assert sorted(spent) == ["create_label", "create_rma"]
        assert len(reviews.approvals(uow, proposal_id)) == 1
        assert reviews.review(uow, review_id).state == "approved"
        assert verify_chain(events(uow, chain=case_id)) is None
        assert len(events(uow, chain=case_id, tag=Tag.REVIEW_APPROVED)) == 1
    assert len([one for one in home.desk.erp.returns_on("SO-15093") if one.reference == rma.id]) == 1


def one_yes_and_clear_refusals(answers: list[str]) -> bool:
    return answers.count("approved") == 1 and set(answers) <= {"approved", "stale_page", "invalid_transition"}


def test_ten_processes_and_ten_threads_that_approve_one_review_at_once_have_one_effect(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str
) -> None:
    with (
        outdoors(settings_for(seeded_home, reader_cache, tmp_path, database_url)) as home,
        worker(home.settings),
    ):
        proposal_id, review_id = a_drive_for_review(home, "KX4-50-118803")
        assert one_yes_and_clear_refusals(by_processes(home, review_id))
        has_one_effect(home, proposal_id, review_id)

        proposal_id, review_id = a_drive_for_review(home, "KX4-50-118804")
        assert one_yes_and_clear_refusals(by_threads(home, review_id))
        has_one_effect(home, proposal_id, review_id)


def by_processes(home: Outdoors, review_id: str) -> list[str]:
    context = fork_server()
    together, answers = context.Barrier(CLIENTS), context.Queue()
    started = [
        context.Process(target=clients.approve, args=(home.settings, review_id, number, together, answers))
        for number in range(CLIENTS)
    ]
    for one in started:
        one.start()
    given = [answers.get(timeout=clients.TOGETHER_WITHIN_SECONDS) for _ in started]
    for one in started:
        one.join(clients.TOGETHER_WITHIN_SECONDS)
    assert [one.exitcode for one in started] == [0] * CLIENTS
    return given


def by_threads(home: Outdoors, review_id: str) -> list[str]:
    side = build_web_side(home.settings)
    together = threading.Barrier(CLIENTS)
    with ThreadPoolExecutor(CLIENTS) as pool:
        asked = [
            pool.submit(clients.approve_at, side, review_id, number, together) for number in range(CLIENTS)
        ]
        given = [one.result() for one in asked]
    side.close()
    return given


INVENTED: list[tuple[str, list[Any]]] = [
    ("decide", ["PR-FORGED22"]),
    ("decide", [None]),
    ("decide", []),
    ("resume-review", ["RV-FORGED22"]),
    ("resume-review", [{"review": "RV"}, "more"]),
    ("return", ["RMA-FORGED22", ["PM-FORGED"]]),
    ("return", ["RMA-FORGED22", None]),
    ("return", [["'; DROP TABLE permit; --"], 7]),
    ("cancel-rma", ["RMA-FORGED22", "contact:x"]),
    ("reprint-label", ["RMA-FORGED22", "contact:x"]),
    ("no-such-workflow", ["x" * 10_000]),
]


def test_forged_starts_and_replayed_or_forged_permits_do_nothing_in_a_real_worker(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str
) -> None:
    with (
        outdoors(settings_for(seeded_home, reader_cache, tmp_path, database_url)) as home,
        worker(home.settings),
    ):
        own, own_permits = honest_return(home, quantity=1)
        other, other_permits = honest_return(home, quantity=2)
        forged, forged_permits = a_forged_rma(home, own_permits[0])
        before = effects(home)
        starts = [
            *INVENTED,
            ("return", [own, other_permits]),
            ("return", [own, [*own_permits, *other_permits]]),
            ("return", [forged, forged_permits]),
            ("cancel-rma", [own, "contact:C-1002-1"]),
            ("reprint-label", [other, "cli:eve for A-1002"]),
            ("return", [own, own_permits]),
        ]
        client = bare_client(home)
        for number, (name, args) in enumerate(starts):
            client.enqueue(
                {
                    "queue_name": QUEUE,
                    "workflow_name": name,
                    "workflow_id": f"forged-{number}",
                    "app_version": APPLICATION_VERSION,
                },
                *args,
            )
        # The last one carries the true permits of an RMA that is under way: it may repeat, and wait.
        replay = f"forged-{len(starts) - 1}"
        unknown = f"forged-{INVENTED.index(('no-such-workflow', ['x' * 10_000]))}"
        for number in range(len(starts)):
            if f"forged-{number}" not in {replay, unknown}:
                eventually(lambda n=number: is_over(client, f"forged-{n}"), starts[number][0])  # type: ignore[misc]
        eventually(lambda: "announce to dock" in steps(client, replay), "the replay's last effect")
        client.destroy()

        assert effects(home) == before
        assert home.desk.erp.returns_on("SO-14174") == ()
        assert refused_subjects(home) >= {"RMA-FORGED22", "PR-FORGED22", "RV-FORGED22", own, other, forged}
        honest_return(home, quantity=3)


def honest_return(home: Outdoors, quantity: int) -> tuple[str, list[str]]:
    words = f"no longer needed, {quantity} of them"
    sent = propose(home.desk, "SO-15086", 1, quantity, Reason.NO_LONGER_NEEDED, words=words)
    rma_id = home.labelled(sent.consent_id)
    with home.store.read() as uow:
        return rma_id, [line.permit_id for line in rmas.rma_lines(uow, rma_id)]


def a_forged_rma(home: Outdoors, true_permit: str) -> tuple[str, list[str]]:
    """Rows of somebody who can write the database and has no key: an RMA for goods that were refused."""
    sent = propose(
        home.desk, "SO-14174", 1, 1, Reason.NO_LONGER_NEEDED, words="we no longer need one solenoid valve"
    )
    eventually(lambda: is_denied(home, sent.consent_id), "the refusal")
    with home.store.begin() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        verdict = cases.newest_verdict(uow, proposal.id)
        model = ledger.permit(uow, true_permit)
        assert verdict is not None
        assert model is not None
        claims = PermitClaims.model_validate_json(bytes.fromhex(model.token.partition(".")[0])).model_copy(
            update={"permit_id": "PM-FORGED", "command_digest": verdict.command_digest}
        )
        values = {column.name: getattr(model, column.name) for column in PermitRow.__table__.columns}
        values |= {
            "id": "PM-FORGED",
            "case_id": proposal.case_id,
            "command": verdict.command,
            "command_digest": verdict.command_digest,
            "token": Signer(claims.key_id, Ed25519PrivateKey.generate()).sign(claims),
        }
        now = uow.clock.now()
        rma = RmaRow(
            id="RMA-HACKED22",
            case_id=proposal.case_id,
            account_id="A-1001",
            facility_id="RNO1",
            state="authorised",
            return_by=now.date(),
            created_at=now,
            version=1,
        )
        uow.session.add_all([PermitRow(**values), rma])
        uow.session.flush()
        line = RmaLineRow(
            id="RN-HACKED22",
            rma_id=rma.id,
            line_id=proposal.line_id,
            proposal_id=proposal.id,
            permit_id="PM-FORGED",
            order_number=proposal.order_number,
            order_line=proposal.order_line,
            sku=str(verdict.command["sku"]),
            quantity=1,
        )
        uow.session.add(line)
        ledger.intend(
            uow,
            f"{rma.id}:create_rma:1",
            case_id=proposal.case_id,
            op="create_rma",
            request={"permits": ["PM-FORGED"]},
            request_hash="",
            permit_id="PM-FORGED",
        )
    return rma.id, ["PM-FORGED"]


def is_denied(home: Outdoors, consent_id: str) -> bool:
    with home.store.read() as uow:
        return cases.proposals(uow, consent_id=consent_id)[0].state == "denied"


def effects(home: Outdoors) -> dict[str, Any]:
    """Everything that an effect would change, here and outside."""
    tables = (RmaRow, LabelRow, PermitRow, LedgerEntryRow, CommandRow)
    with home.store.read() as uow:
        counted = {
            t.__tablename__: uow.session.scalar(sa.select(sa.func.count()).select_from(t)) for t in tables
        }
        stands = uow.session.scalars(sa.select(RmaRow.state).order_by(RmaRow.id)).all()
    booked = [(one.number, one.cancelled) for one in home.desk.erp.returns_on("SO-15086")]
    return {**counted, "states": list(stands), "ERP": booked, "labels sold": len(home.scans("label_created"))}


def refused_subjects(home: Outdoors) -> set[str]:
    with home.store.read() as uow:
        written = [*events(uow, tag=Tag.WORKFLOW_REFUSED), *events(uow, tag=Tag.PERMIT_REFUSED)]
    return {one.subject for one in written}


def is_over(client: DBOSClient, workflow_id: str) -> bool:
    (found,) = client.list_workflows(workflow_ids=[workflow_id], load_input=False)
    return found.status in _OVER


def steps(client: DBOSClient, workflow_id: str) -> list[str]:
    return [step["function_name"] for step in client.list_workflow_steps(workflow_id)]
