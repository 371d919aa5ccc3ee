"""Decisions that can be undone, internal notes, and vectors of what was asked"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('review') as review:
        review.add_column(sa.Column('reason', sa.String(), nullable=True))
        review.add_column(sa.Column('expert', sa.String(), nullable=True))
        review.add_column(sa.Column('posts_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_review_posts_at'), 'review', ['posts_at'])
    op.create_table('review_decision',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('really', sa.String(), nullable=False),
    sa.Column('command_digest', sa.String(), nullable=False),
    sa.Column('review_version', sa.Integer(), nullable=False),
    sa.Column('is_told', sa.Boolean(), nullable=False),
    sa.Column('decided_by', sa.String(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lapsed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_decision_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_decision'))
    )
    op.create_index(op.f('ix_review_decision_review_id'), 'review_decision', ['review_id'])
    op.create_table('case_note',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('written_by', sa.String(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['return_case.id'], name=op.f('fk_case_note_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_note'))
    )
    op.create_index(op.f('ix_case_note_case_id'), 'case_note', ['case_id'])
    op.create_table('review_vector',
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('product_class', sa.String(), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.Column('nearest', sa.JSON(), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_vector_review_id')),
    sa.PrimaryKeyConstraint('review_id', name=op.f('pk_review_vector'))
    )
    op.create_index(op.f('ix_review_vector_product_class'), 'review_vector', ['product_class'])


def downgrade() -> None:
    op.drop_index(op.f('ix_review_vector_product_class'), 'review_vector')
    op.drop_table('review_vector')
    op.drop_index(op.f('ix_case_note_case_id'), 'case_note')
    op.drop_table('case_note')
    op.drop_index(op.f('ix_review_decision_review_id'), 'review_decision')
    op.drop_table('review_decision')
    op.drop_index(op.f('ix_review_posts_at'), 'review')
    with op.batch_alter_table('review') as review:
        review.drop_column('posts_at')
        review.drop_column('expert')
        review.drop_column('reason')
