"""What signals rest on and what they said, and what the order of the queue rests on"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = "0006"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('photo_look',
    sa.Column('id', _BIG, autoincrement=True, nullable=False),
    sa.Column('attachment_id', sa.String(), nullable=False),
    sa.Column('thread_id', sa.String(), nullable=False),
    sa.Column('variant', sa.Integer(), nullable=False),
    sa.Column('look', sa.String(), nullable=False),
    sa.Column('quarter_1', sa.Integer(), nullable=False),
    sa.Column('quarter_2', sa.Integer(), nullable=False),
    sa.Column('quarter_3', sa.Integer(), nullable=False),
    sa.Column('quarter_4', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_photo_look_attachment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo_look'))
    )
    with op.batch_alter_table('photo_look', schema=None) as batch_op:
        for column in ('attachment_id', 'quarter_1', 'quarter_2', 'quarter_3', 'quarter_4'):
            batch_op.create_index(batch_op.f(f'ix_photo_look_{column}'), [column], unique=False)
    op.create_table('serial_asked',
    sa.Column('serial', sa.String(), nullable=False),
    sa.Column('proposal_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_serial_asked_proposal_id')),
    sa.PrimaryKeyConstraint('serial', 'proposal_id', name=op.f('pk_serial_asked'))
    )
    op.create_table('fraud_score',
    sa.Column('verdict_id', sa.String(), nullable=False),
    sa.Column('proposal_id', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('score_permille', sa.Integer(), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('unknown', sa.JSON(), nullable=False),
    sa.Column('near_limit', sa.String(), nullable=False),
    sa.Column('scored_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_fraud_score_proposal_id')),
    sa.ForeignKeyConstraint(['verdict_id'], ['verdict.id'], name=op.f('fk_fraud_score_verdict_id')),
    sa.PrimaryKeyConstraint('verdict_id', name=op.f('pk_fraud_score'))
    )
    with op.batch_alter_table('fraud_score', schema=None) as batch_op:
        batch_op.create_index('ix_fraud_score_near_limits', ['account_id', 'scored_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_fraud_score_proposal_id'), ['proposal_id'], unique=False)
    op.create_table('account_habit',
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('tier', sa.String(), nullable=False),
    sa.Column('lines_bought', sa.Integer(), nullable=False),
    sa.Column('lines_returned', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_account_habit'))
    )
    with op.batch_alter_table('account_habit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_habit_tier'), ['tier'], unique=False)
    op.create_table('account_tie',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('mark', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'mark', 'account_id', name=op.f('pk_account_tie'))
    )
    with op.batch_alter_table('account_tie', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_tie_account_id'), ['account_id'], unique=False)
    op.create_table('disposition_tally',
    sa.Column('product_class', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('condition', sa.String(), nullable=False),
    sa.Column('age', sa.String(), nullable=False),
    sa.Column('worth', sa.String(), nullable=False),
    sa.Column('chosen', sa.String(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('product_class', 'reason', 'condition', 'age', 'worth', 'chosen', name=op.f('pk_disposition_tally'))
    )
    op.create_table('review_habit',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('decided', sa.Integer(), nullable=False),
    sa.Column('turned_down', sa.Integer(), nullable=False),
    sa.Column('timed', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_review_habit'))
    )
    op.create_table('facility_advice',
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('advice', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_facility_advice_review_id')),
    sa.PrimaryKeyConstraint('review_id', name=op.f('pk_facility_advice'))
    )
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.add_column(sa.Column('worth', sa.JSON(), nullable=True))
    _serials_of_old()
    _old_reviews_by_age()


def _serials_of_old() -> None:
    proposal = sa.table('proposal', sa.column('id', sa.String()), sa.column('serials', sa.JSON()))
    asked = sa.table('serial_asked', sa.column('serial', sa.String()), sa.column('proposal_id', sa.String()))
    connection = op.get_bind()
    for found in connection.execute(sa.select(proposal.c.id, proposal.c.serials)).all():
        rows = [{'serial': serial, 'proposal_id': found.id} for serial in dict.fromkeys(found.serials)]
        if rows:
            connection.execute(sa.insert(asked), rows)


def _old_reviews_by_age() -> None:
    """One and two were ranks; now it is seconds of head start, less those since 2020 until it was opened."""
    review = sa.table('review', sa.column('id', sa.String()), sa.column('opened_at', sa.DateTime(timezone=True)),
                      sa.column('priority', sa.Integer()))
    connection = op.get_bind()
    for found in connection.execute(sa.select(review.c.id, review.c.opened_at)).all():
        opened = found.opened_at if found.opened_at.tzinfo else found.opened_at.replace(tzinfo=UTC)
        age = int((opened - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds())
        connection.execute(sa.update(review).where(review.c.id == found.id).values(priority=-age))


def downgrade() -> None:
    op.execute('UPDATE review SET priority = 1')
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.drop_column('worth')
    for table in ('facility_advice', 'review_habit', 'disposition_tally', 'account_tie', 'account_habit',
                  'fraud_score', 'serial_asked', 'photo_look'):
        op.drop_table(table)
