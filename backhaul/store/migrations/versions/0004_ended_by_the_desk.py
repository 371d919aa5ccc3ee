"""Returns that the desk ends without their goods: who asked for it, and what they said"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('rma', schema=None) as batch_op:
        batch_op.add_column(sa.Column('end_asked_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('end_why', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('rma', schema=None) as batch_op:
        batch_op.drop_column('end_why')
        batch_op.drop_column('end_asked_by')
