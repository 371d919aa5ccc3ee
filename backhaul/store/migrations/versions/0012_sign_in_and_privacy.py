"""Which browser a session is in, sign-ins at the company's own provider under way, and words that were erased"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('session', sa.Column('browser', sa.String(), server_default='', nullable=False))
    op.create_index(op.f('ix_session_subject'), 'session', ['subject'])
    op.add_column('thread', sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('provider_sign_in',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('nonce', sa.String(), nullable=False),
    sa.Column('code_verifier', sa.String(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_sign_in'))
    )


def downgrade() -> None:
    op.drop_table('provider_sign_in')
    op.drop_column('thread', 'erased_at')
    op.drop_index(op.f('ix_session_subject'), 'session')
    op.drop_column('session', 'browser')
