"""Up to which event of a conversation letters were written"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('thread', schema=None) as batch_op:
        count = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
        batch_op.add_column(sa.Column('noticed_event', count, server_default='0', nullable=False))
    # What happened before letters were written is not told once more.
    op.execute(
        'UPDATE thread SET noticed_event = COALESCE('
        '(SELECT MAX(thread_event.id) FROM thread_event WHERE thread_event.thread_id = thread.id), 0)'
    )


def downgrade() -> None:
    with op.batch_alter_table('thread', schema=None) as batch_op:
        batch_op.drop_column('noticed_event')
