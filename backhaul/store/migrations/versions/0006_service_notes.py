"""Service notes and open RMAs of elsewhere, and the keys of programs that send them"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('service_note',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('words_digest', sa.String(), nullable=False),
    sa.Column('noted_on', sa.Date(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('taken_in_by', sa.String(), nullable=False),
    sa.Column('taken_in_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['return_case.id'], name=op.f('fk_service_note_case_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_service_note_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_note'))
    )
    with op.batch_alter_table('service_note', schema=None) as batch_op:
        batch_op.create_index('ix_service_note_words', ['account_id', 'words_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_note_external_id'), ['external_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_note_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_note_review_id'), ['review_id'], unique=False)
    op.create_table('noted_item',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('note_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('order_number', sa.String(), nullable=True),
    sa.Column('order_line', sa.Integer(), nullable=True),
    sa.Column('quantity', sa.Integer(), nullable=True),
    sa.Column('serials', sa.JSON(), nullable=False),
    sa.Column('item', sa.JSON(), nullable=False),
    sa.Column('reader', sa.String(), nullable=False),
    sa.Column('confidence_permille', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['note_id'], ['service_note.id'], name=op.f('fk_noted_item_note_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_noted_item')),
    sa.UniqueConstraint('note_id', 'position', name=op.f('uq_noted_item_note_id_position'))
    )
    with op.batch_alter_table('noted_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_noted_item_order_number'), ['order_number'], unique=False)
    op.create_table('api_key',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('secret_sha256', sa.String(), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_api_key')),
    sa.UniqueConstraint('secret_sha256', name=op.f('uq_api_key_secret_sha256'))
    )
    op.create_table('api_answer',
    sa.Column('key_name', sa.String(), nullable=False),
    sa.Column('idempotency_key', sa.String(), nullable=False),
    sa.Column('body_digest', sa.String(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key_name', 'idempotency_key', name=op.f('pk_api_answer'))
    )
    with op.batch_alter_table('api_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_api_answer_given_at'), ['given_at'], unique=False)


def downgrade() -> None:
    op.drop_table('api_answer')
    op.drop_table('api_key')
    op.drop_table('noted_item')
    op.drop_table('service_note')
