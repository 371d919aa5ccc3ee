"""What the reader is taught here: corrections, trained heads, promotions"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('correction',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('claim_id', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('reason_read', sa.String(), nullable=False),
    sa.Column('reason_right', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('noted_by', sa.String(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('looked_by', sa.String(), nullable=True),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['return_case.id'], name=op.f('fk_correction_case_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claim.id'], name=op.f('fk_correction_claim_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    for column in ('account_id', 'case_id', 'state'):
        op.create_index(op.f(f'ix_correction_{column}'), 'correction', [column])
    op.create_table('reader_heads',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('corrections', sa.JSON(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('trained_by', sa.String(), nullable=False),
    sa.Column('trained_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('compared', sa.JSON(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_reader_heads'))
    )
    op.create_table('reader_promotion',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('heads', sa.String(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['heads'], ['reader_heads.name'], name=op.f('fk_reader_promotion_heads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reader_promotion'))
    )


def downgrade() -> None:
    op.drop_table('reader_promotion')
    op.drop_table('reader_heads')
    op.drop_table('correction')
