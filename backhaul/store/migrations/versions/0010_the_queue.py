"""The queue of the desk: leases, snoozes, words to search for, and what reviews are filtered by"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = "0009"
branch_labels = None
depends_on = None

ORDERS = {
    'ix_review_queue': ['state', 'place', 'due_at', 'id'],
    'ix_review_queue_account': ['state', 'account_id', 'place', 'due_at', 'id'],
    'ix_review_queue_kind': ['state', 'kind', 'place', 'due_at', 'id'],
    'ix_review_queue_class': ['state', 'product_class', 'place', 'due_at', 'id'],
    'ix_review_decided': ['decided_at', 'id'],
}
FILTERED_BY = ('account_id', 'kind', 'product_class')
CHUNK = 2_000


def upgrade() -> None:
    op.create_table('review_lease',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('holder', sa.String(), nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('given_by', sa.String(), nullable=True),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_lease_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_lease'))
    )
    op.create_index('ix_review_lease_holder', 'review_lease', ['holder', 'ended_at'])
    op.create_index(op.f('ix_review_lease_review_id'), 'review_lease', ['review_id'])
    op.create_index('uq_review_lease_not_ended', 'review_lease', ['review_id'], unique=True,
                    sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('review_snooze',
    sa.Column('review_id', sa.String(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('verdict_id', sa.String(), nullable=False),
    sa.Column('thread_id', sa.String(), nullable=False),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_snooze_review_id')),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_review_snooze_thread_id')),
    sa.PrimaryKeyConstraint('review_id', name=op.f('pk_review_snooze'))
    )
    op.create_index(op.f('ix_review_snooze_until'), 'review_snooze', ['until'])
    op.create_table('thread_word',
    sa.Column('word', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('thread_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['thread_id'], ['thread.id'], name=op.f('fk_thread_word_thread_id')),
    sa.PrimaryKeyConstraint('word', 'thread_id', name=op.f('pk_thread_word')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_thread_word_thread', 'thread_word', ['thread_id'])
    op.create_index('ix_return_line_order_number', 'return_line', ['order_number'])
    for column in FILTERED_BY:
        op.add_column('review', sa.Column(column, sa.String(), nullable=False, server_default=''))
    op.add_column('review', sa.Column('place', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('review', sa.Column('left_seconds', sa.Integer(), nullable=True))
    _describe_reviews(op.get_bind())
    _index_words(op.get_bind())
    # The defaults stay: SQLite could only lose them by copying the table, which other tables refer to.
    op.drop_index(op.f('ix_review_state'), 'review')
    for name, columns in ORDERS.items():
        op.create_index(name, 'review', columns)


def _describe_reviews(connection: sa.Connection) -> None:
    """What new reviews are told when they are opened, for those that there are."""
    connection.execute(sa.text(
        "UPDATE review SET place = -priority, account_id ="
        " (SELECT account_id FROM return_case WHERE return_case.id = review.case_id)"
    ))
    review = sa.table('review', sa.column('id'), sa.column('action'), sa.column('verdict_id'),
                      sa.column('worth', sa.JSON), sa.column('kind'), sa.column('product_class'))
    verdict = sa.table('verdict', sa.column('id'), sa.column('facts', sa.JSON))
    query = sa.select(review.c.id, review.c.action, review.c.worth, verdict.c.facts).select_from(
        review.outerjoin(verdict, verdict.c.id == review.c.verdict_id))
    set_both = sa.update(review).where(review.c.id == sa.bindparam('of')).values(
        kind=sa.bindparam('why'), product_class=sa.bindparam('goods'))
    found = [
        {'of': row.id, 'why': str((row.worth or {}).get('kind') or row.action or 'person'),
         'goods': str((row.facts or {}).get('product_class') or '')}
        for row in connection.execute(query)
    ]
    for begin in range(0, len(found), CHUNK):
        connection.execute(set_both, found[begin:begin + CHUNK])


def _index_words(connection: sa.Connection) -> None:
    """As store.thread_words does for each message since: a history must not change when our code does."""
    message = sa.table('message', sa.column('thread_id'), sa.column('author'), sa.column('body'))
    into = sa.table('thread_word', sa.column('word'), sa.column('thread_id'))
    said = sa.select(message.c.thread_id, message.c.body).where(message.c.author.in_(('customer', 'technician')))
    found = {(word, row.thread_id) for row in connection.execute(said) for word in _words(row.body)}
    pairs = [{'word': word, 'thread_id': thread} for word, thread in sorted(found)]
    for begin in range(0, len(pairs), CHUNK):
        connection.execute(sa.insert(into), pairs[begin:begin + CHUNK])


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize('NFKC', text).casefold()
    whole = re.findall(r'\w+(?:[-/.]\w+)*', plain)
    parts = [part for word in whole for part in re.split(r'[-/.]', word)]
    return {word for word in (*whole, *parts) if 1 < len(word) <= 40}


def downgrade() -> None:
    for name in ORDERS:
        op.drop_index(name, 'review')
    op.create_index(op.f('ix_review_state'), 'review', ['state'])
    for column in (*FILTERED_BY, 'place', 'left_seconds'):
        op.drop_column('review', column)
    op.drop_index('ix_return_line_order_number', 'return_line')
    op.drop_table('thread_word')
    op.drop_table('review_snooze')
    op.drop_table('review_lease')
