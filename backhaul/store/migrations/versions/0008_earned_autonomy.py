"""Blind second readings, and holds on segments"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('blind_draw',
    sa.Column('proposal_id', sa.String(), nullable=False),
    sa.Column('unit', sa.String(), nullable=False),
    sa.Column('draw', sa.Integer(), nullable=False),
    sa.Column('share_permille', sa.Integer(), nullable=False),
    sa.Column('stratum', sa.String(), nullable=False),
    sa.Column('product_class', sa.String(), nullable=False),
    sa.Column('value_band', sa.String(), nullable=False),
    sa.Column('confidence_permille', sa.Integer(), nullable=False),
    sa.Column('floor_permille', sa.Integer(), nullable=False),
    sa.Column('order_line', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('reader', sa.String(), nullable=False),
    sa.Column('release', sa.String(), nullable=True),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_blind_draw_proposal_id')),
    sa.PrimaryKeyConstraint('proposal_id', name=op.f('pk_blind_draw')),
    sa.UniqueConstraint('unit', name=op.f('uq_blind_draw_unit'))
    )
    op.create_index(op.f('ix_blind_draw_drawn_at'), 'blind_draw', ['drawn_at'])
    op.create_table('blind_label',
    sa.Column('proposal_id', sa.String(), nullable=False),
    sa.Column('order_line', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ['proposal_id'], ['blind_draw.proposal_id'], name=op.f('fk_blind_label_proposal_id')
    ),
    sa.PrimaryKeyConstraint('proposal_id', name=op.f('pk_blind_label'))
    )
    op.create_table('autonomy_hold',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('product_class', sa.String(), nullable=False),
    sa.Column('value_band', sa.String(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_by', sa.String(), nullable=True),
    sa.Column('lifted_why', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autonomy_hold'))
    )


def downgrade() -> None:
    op.drop_table('autonomy_hold')
    op.drop_table('blind_label')
    op.drop_index(op.f('ix_blind_draw_drawn_at'), 'blind_draw')
    op.drop_table('blind_draw')
