"""Indexes of insight.

Cash in limbo adds the ledger up by RMA line and kind; what it reads of an entry stands in the index. Credits are
told by how far the command of their permit has come.
"""

from alembic import op

revision = "0014"
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "ix_ledger_entry_of_insight", "ledger_entry", ["rma_line_id", "kind", "quantity", "amount_minor"]
    )
    op.create_index("ix_integration_command_permit_id", "integration_command", ["permit_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_integration_command_permit_id", "integration_command")
    op.drop_index("ix_ledger_entry_of_insight", "ledger_entry")
