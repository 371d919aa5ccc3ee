"""Returns that the desk ends without their goods, and why; the step that a suspect of a crash was in"""

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

    with op.batch_alter_table('reap', schema=None) as batch_op:
        batch_op.add_column(sa.Column('step', sa.String(), server_default='', nullable=False))

    for table in ('receipt', 'disposition'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f'ix_{table}_rma_id'))
            batch_op.create_index(f'ix_{table}_of_rma', ['rma_id', 'state'], unique=False)


def downgrade() -> None:
    for table in ('disposition', 'receipt'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f'ix_{table}_of_rma')
            batch_op.create_index(batch_op.f(f'ix_{table}_rma_id'), ['rma_id'], unique=False)

    with op.batch_alter_table('reap', schema=None) as batch_op:
        batch_op.drop_column('step')

    with op.batch_alter_table('rma', schema=None) as batch_op:
        batch_op.drop_column('end_why')
        batch_op.drop_column('end_asked_by')
