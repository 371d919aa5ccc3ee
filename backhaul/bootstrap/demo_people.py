"""The demo's staff, who exist only in demo mode."""

from dataclasses import dataclass

from backhaul.domain.codes import Role

DEMO_PASSWORD = "returns-demo"  # noqa: S105 - printed by `make run`, exists only in demo mode


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A member of staff that exists only in demo mode."""

    email: str
    name: str
    role: Role


DEMO_STAFF = (
    DemoPerson("rita.reviewer@halden.example", "Rita Alvarez", Role.REVIEWER),
    DemoPerson("arne.approver@halden.example", "Arne Lindqvist", Role.APPROVER),
    DemoPerson("dora.dock@halden.example", "Dora Kimani", Role.INSPECTOR),
    DemoPerson("petra.policy@halden.example", "Petra Novak", Role.POLICY_OWNER),
    DemoPerson("fay.finance@halden.example", "Fay Okonkwo", Role.FINANCE),
    DemoPerson("olga.auditor@halden.example", "Olga Brandt", Role.AUDITOR),
    DemoPerson("ada.admin@halden.example", "Ada Winter", Role.ADMIN),
)
