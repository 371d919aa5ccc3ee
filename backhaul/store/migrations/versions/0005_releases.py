"""Releases, and which of them decided"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('release',
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('components', sa.JSON(), nullable=False),
    sa.Column('proposed_by', sa.String(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('gate', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_release'))
    )
    op.create_table('release_signature',
    sa.Column('release_hash', sa.String(), nullable=False),
    sa.Column('signed_by', sa.String(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['release_hash'], ['release.hash'], name=op.f('fk_release_signature_release_hash')),
    sa.PrimaryKeyConstraint('release_hash', name=op.f('pk_release_signature'))
    )
    op.create_table('release_in_force',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('release_hash', sa.String(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('put_by', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['release_hash'], ['release.hash'], name=op.f('fk_release_in_force_release_hash')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_release_in_force'))
    )
    with op.batch_alter_table('verdict', schema=None) as batch_op:
        batch_op.add_column(sa.Column('release', sa.String(), nullable=True))
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.add_column(sa.Column('program', sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_column('program')
    with op.batch_alter_table('verdict', schema=None) as batch_op:
        batch_op.drop_column('release')
    op.drop_table('release_in_force')
    op.drop_table('release_signature')
    op.drop_table('release')
