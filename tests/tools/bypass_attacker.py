"""What somebody does who wants an effect without a right to it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.errors import PermitRefused, PolicyError
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition, Grade
from backhaul.domain.returns import Command
from backhaul.store.effect_tables import PermitRow
from backhaul.store.tables import ConsentRow, ProposalRow, ReturnLineRow, VerdictRow
from backhaul.workflows.authorise_rma import authorise_permitted
from tests.tools.bypass_trade import Trade
from tests.tools.bypass_world import STRANGER
from tools import gateway
from tools.gateway import Intent, Presented
from tools.guard import Judged, Prepared
from tools.permits import PermitClaims, Signer


@dataclass(frozen=True, slots=True)
class Held:
    """A permit somebody holds: its token, and the command it was signed for."""

    token: str
    command: Command
    judged: Judged | None = None


@dataclass
class Attacker(Trade):
    """Knows every permit and every row, and presents them in ways they were not given for."""

    held: list[Held] = field(default_factory=list)
    """Permits that were given and not presented yet"""
    refusals: Counter[str] = field(default_factory=Counter)
    presented: int = 0
    """How often a permit that was truly given stood before the gateway"""
    # What the guard is asked

    def ask(self, proposals: Sequence[str], action: Action, *, about: str | None = None) -> None:
        """Have the guard judge, and keep the permits. All is looked up before the first is judged: a race."""
        prepared = [self.stage.world.guard.prepare(one, action=action, subject=about) for one in proposals]
        for one in prepared:
            self._judge(one)

    def _judge(self, prepared: Prepared) -> None:
        try:
            with self.stage.store.begin() as uow:
                judged = self.stage.world.guard.judge(uow, prepared)
        except PolicyError as error:
            self.refusals[type(error).__name__] += 1
            return
        if judged.permit is not None:
            self.held.append(Held(judged.permit.token, judged.command, judged))

    # What the gateway is shown

    def present(self, held: Held) -> None:
        """Use a permit for what it was given for."""
        self.presented += 1
        judged = held.judged
        if judged is None or held.command.action is not Action.CREATE_RMA:
            self.spend([Presented(held.token, held.command)], held.command.action)
            return
        try:
            with self.stage.store.begin() as uow:
                authorise_permitted(self.stage.world, uow, [judged])
        except (PermitRefused, sa.exc.IntegrityError) as refused:
            self._refused(refused)

    def spend(self, presented: Sequence[Presented], op: Action) -> None:
        """Show permits and commands of one's own making."""
        self._count += 1
        try:
            with self.stage.store.begin() as uow:
                bundle = self.stage.world.guard.book().bundle_hash
                intent = Intent(f"attack-{self._count}", op, {}, presented)
                gateway.spend(uow, [intent], bundle_hash=bundle)
        except PermitRefused as refused:
            self._refused(refused)

    def _refused(self, error: Exception) -> None:
        self.refusals[error.check if isinstance(error, PermitRefused) else type(error).__name__] += 1

    def spent(self) -> list[Held]:
        """Every permit in the database, as anybody can read it there who may read the database."""
        with self.stage.store.read() as uow:
            rows = uow.session.scalars(sa.select(PermitRow).where(PermitRow.spent_at.is_not(None))).all()
            return [Held(row.token, gateway.command_of(row.command)) for row in rows]

    def alter(self, held: Held, name: str, amount: int) -> None:
        """Present a permit for a command that differs in one field."""
        self.presented += 1
        now = getattr(held.command, name)
        values: dict[str, Any] = {
            "quantity": held.command.quantity + amount,
            "line": held.command.line + amount,
            "value": Money(1) if name == "value" else now,
            "restocking_fee": Money(amount),
            "return_freight": held.command.return_freight + Money(amount),
            "serials": (*held.command.serials, f"X-{amount}"),
            "order_number": "SO-15129",
            "account_id": "A-1003",
            "case_id": "RC-OTHER",
            "sku": "DRV-5000-480",
            "facility_id": "ELSEWHERE",
            "reason": Reason.RECALL,
            "resolution": Resolution.REPLACEMENT,
            "requester": "contact:C-9",
            "subject": "PR-OTHER",
            "action": Action.REPLACEMENT,
            "disposition": Disposition.RESTOCK if now is not Disposition.RESTOCK else Disposition.SCRAP,
            "grade": Grade.A if now is not Grade.A else Grade.D,
            "claimed": Money(amount),
            "write_down": Money(amount),
        }
        changed = replace(held.command, **{name: values[name]})
        self.spend([Presented(held.token, changed)], changed.action)

    def as_another_act(self, held: Held, op: Action) -> None:
        """Present a permit with its own command, but have another act done on it."""
        self.presented += 1
        self.spend([Presented(held.token, held.command)], op)

    def tamper(self, held: Held, at: int) -> None:
        """Flip one character of the token."""
        at %= len(held.token)
        flipped = "0" if held.token[at] != "0" else "1"
        self.spend(
            [Presented(held.token[:at] + flipped + held.token[at + 1 :], held.command)], held.command.action
        )

    def forge(self, verdict: VerdictRow, *, key_id: str, into_the_table: bool, order_version: int) -> None:
        """A complete, plausible permit for a command that was judged, signed by somebody else's key."""
        command, now = gateway.command_of(verdict.command), self.stage.clock.now()
        self._count += 1
        claims = PermitClaims(
            permit_id=f"PM-FORGED-{self._count}",
            key_id=key_id,
            action=command.action.value,
            command_digest=verdict.command_digest,
            case_id=command.case_id,
            order_number=command.order_number,
            order_line=command.line,
            order_version=order_version,
            bundle_hash=self.stage.world.guard.book().bundle_hash,
            verdict_id=verdict.id,
            issued=int(now.timestamp()),
            expires=int((now + timedelta(days=1)).timestamp()),
            amount_minor=command.value.minor,
            exposure_minor=10**9,
            shipped_pieces=10**6,
        )
        token = Signer(key_id, STRANGER.private_key).sign(claims)
        if into_the_table:
            self._insert_forged(claims, verdict, token)
        self.spend([Presented(token, command)], command.action)

    def _insert_forged(self, claims: PermitClaims, verdict: VerdictRow, token: str) -> None:
        """Somebody who can write to the table of permits puts theirs among them."""
        self.oracle.forged.add(claims.permit_id)
        with self.stage.store.begin() as uow:
            uow.session.add(
                PermitRow(
                    id=claims.permit_id,
                    verdict_id=verdict.id,
                    case_id=claims.case_id,
                    action=claims.action,
                    command=verdict.command,
                    command_digest=claims.command_digest,
                    order_number=claims.order_number,
                    order_version=claims.order_version,
                    bundle_hash=claims.bundle_hash,
                    key_id=claims.key_id,
                    token=token,
                    issued_at=uow.clock.now(),
                    expires_at=claims.expires_at(),
                )
            )

    # What happens in the rows

    def rewrite(self, what: str, at: int, pieces: int) -> None:
        """Somebody with the rights of the web side changes what was stored."""
        with self.stage.store.begin() as uow:
            rows = uow.session.scalars(sa.select(ProposalRow).order_by(ProposalRow.id)).all()
            row = rows[at % len(rows)]
            line = uow.session.get(ReturnLineRow, row.line_id)
            consent = uow.session.get(ConsentRow, row.consent_id)
            assert line is not None
            assert consent is not None
            if what in {"proposal", "both"}:
                row.quantity = pieces
            if what in {"line", "both"}:
                line.quantity = pieces
            if what == "serials":
                line.serials = [f"X-{pieces}"]
            if what == "reason":
                row.reason = line.reason = Reason.WRONG_ITEM.value
            if what == "state":
                row.state, consent.decided_at = "pending", None

    def rewrite_permit(self, at: int, what: str) -> None:
        """Somebody changes the columns beside a permit's token."""
        with self.stage.store.begin() as uow:
            rows = uow.session.scalars(sa.select(PermitRow).order_by(PermitRow.id)).all()
            row = rows[at % len(rows)]
            if what == "version":
                row.order_version += 1
            if what == "bundle":
                row.bundle_hash = self.stage.world.guard.book().bundle_hash
            if what == "time":
                row.expires_at += timedelta(days=1)
            if what == "command":
                row.command = {**row.command, "quantity": row.command["quantity"] + 1}
            if what == "action":
                row.action = Action.REPLACEMENT.value
