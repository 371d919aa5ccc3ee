"""The closed loop: dock, money, claims, checkpoints"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('stuck_work',
    sa.Column('workflow_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=True),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('workflow_id', name=op.f('pk_stuck_work'))
    )
    with op.batch_alter_table('stuck_work', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stuck_work_case_id'), ['case_id'], unique=False)

    op.create_table('stuck_deed',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('deed', sa.String(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('review_id', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stuck_deed'))
    )
    with op.batch_alter_table('stuck_deed', schema=None) as batch_op:
        batch_op.create_index('ix_stuck_deed_of_subject', ['subject', 'deed'], unique=False)

    op.create_table('event_cursor',
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('event_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('source', name=op.f('pk_event_cursor'))
    )
    op.create_table('stray_parcel',
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('tracking_number', sa.String(), nullable=False),
    sa.Column('parcel', sa.String(), nullable=False),
    sa.Column('scanned_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('scan_id', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('first_heard_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('source', 'tracking_number', name=op.f('pk_stray_parcel'))
    )
    with op.batch_alter_table('label', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parcel', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('scanned_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('scan_id', sa.String(), nullable=True))
        batch_op.create_index(batch_op.f('ix_label_sscc'), ['sscc'])

    op.create_table('audit_checkpoint',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('chains', sa.Integer(), nullable=False),
    sa.Column('events', sa.Integer(), nullable=False),
    sa.Column('last_event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('heads', sa.JSON(), nullable=False),
    sa.Column('previous_digest', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_checkpoint'))
    )
    op.create_table('line_bound',
    sa.Column('order_number', sa.String(), nullable=False),
    sa.Column('order_line', sa.Integer(), nullable=False),
    sa.Column('shipped', sa.Integer(), nullable=False),
    sa.Column('invoiced_minor', sa.Integer(), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('order_number', 'order_line', name=op.f('pk_line_bound'))
    )
    op.create_table('reconciliation',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('compared', sa.Integer(), nullable=False),
    sa.Column('differences', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliation')),
    sa.UniqueConstraint('day', name=op.f('uq_reconciliation_day'))
    )
    op.create_table('credit_memo',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('rma_id', sa.String(), nullable=True),
    sa.Column('line_id', sa.String(), nullable=False),
    sa.Column('proposal_id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('order_number', sa.String(), nullable=False),
    sa.Column('order_line', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('goods_minor', sa.Integer(), nullable=False),
    sa.Column('tax_minor', sa.Integer(), nullable=False),
    sa.Column('restocking_fee_minor', sa.Integer(), nullable=False),
    sa.Column('return_freight_minor', sa.Integer(), nullable=False),
    sa.Column('amount_minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('erp_number', sa.String(), nullable=False),
    sa.Column('shares', sa.JSON(), nullable=False),
    sa.Column('posted_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['return_case.id'], name=op.f('fk_credit_memo_case_id')),
    sa.ForeignKeyConstraint(['line_id'], ['return_line.id'], name=op.f('fk_credit_memo_line_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_credit_memo_proposal_id')),
    sa.ForeignKeyConstraint(['rma_id'], ['rma.id'], name=op.f('fk_credit_memo_rma_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_memo')),
    sa.UniqueConstraint('erp_number', name=op.f('uq_credit_memo_erp_number')),
    sa.UniqueConstraint('subject', name=op.f('uq_credit_memo_subject'))
    )
    with op.batch_alter_table('credit_memo', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credit_memo_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_credit_memo_order_number'), ['order_number'], unique=False)
        batch_op.create_index(batch_op.f('ix_credit_memo_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_credit_memo_posted_on'), ['posted_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_credit_memo_rma_id'), ['rma_id'], unique=False)

    op.create_table('receipt',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('facility_id', sa.String(), nullable=False),
    sa.Column('rma_id', sa.String(), nullable=True),
    sa.Column('rma_line_id', sa.String(), nullable=True),
    sa.Column('part_of', sa.String(), nullable=True),
    sa.Column('tracking_number', sa.String(), nullable=False),
    sa.Column('sku', sa.String(), nullable=False),
    sa.Column('described', sa.String(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('serials', sa.JSON(), nullable=False),
    sa.Column('lots', sa.JSON(), nullable=False),
    sa.Column('photos', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('counted_by', sa.String(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('erp_number', sa.String(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['rma_id'], ['rma.id'], name=op.f('fk_receipt_rma_id')),
    sa.ForeignKeyConstraint(['rma_line_id'], ['rma_line.id'], name=op.f('fk_receipt_rma_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt'))
    )
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipt_facility_id'), ['facility_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_receipt_rma_id'), ['rma_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_receipt_rma_line_id'), ['rma_line_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_receipt_state'), ['state'], unique=False)

    op.create_table('inspection',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('receipt_id', sa.String(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('serials', sa.JSON(), nullable=False),
    sa.Column('grade', sa.String(), nullable=False),
    sa.Column('checklist', sa.JSON(), nullable=False),
    sa.Column('seal_intact', sa.Boolean(), nullable=True),
    sa.Column('finding', sa.String(), nullable=False),
    sa.Column('found_reason', sa.String(), nullable=True),
    sa.Column('photos', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('inspected_by', sa.String(), nullable=False),
    sa.Column('inspected_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['receipt_id'], ['receipt.id'], name=op.f('fk_inspection_receipt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inspection'))
    )
    with op.batch_alter_table('inspection', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inspection_receipt_id'), ['receipt_id'], unique=False)

    op.create_table('disposition',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('inspection_id', sa.String(), nullable=False),
    sa.Column('receipt_id', sa.String(), nullable=False),
    sa.Column('rma_id', sa.String(), nullable=True),
    sa.Column('rma_line_id', sa.String(), nullable=True),
    sa.Column('sku', sa.String(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('serials', sa.JSON(), nullable=False),
    sa.Column('chosen', sa.String(), nullable=False),
    sa.Column('proposed', sa.String(), nullable=False),
    sa.Column('arithmetic', sa.JSON(), nullable=False),
    sa.Column('override_reason', sa.String(), nullable=False),
    sa.Column('chosen_by', sa.String(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('erp_number', sa.String(), nullable=True),
    sa.Column('write_down_minor', sa.Integer(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['inspection_id'], ['inspection.id'], name=op.f('fk_disposition_inspection_id')),
    sa.ForeignKeyConstraint(['receipt_id'], ['receipt.id'], name=op.f('fk_disposition_receipt_id')),
    sa.ForeignKeyConstraint(['rma_id'], ['rma.id'], name=op.f('fk_disposition_rma_id')),
    sa.ForeignKeyConstraint(['rma_line_id'], ['rma_line.id'], name=op.f('fk_disposition_rma_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disposition'))
    )
    with op.batch_alter_table('disposition', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_disposition_inspection_id'), ['inspection_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_disposition_receipt_id'), ['receipt_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_disposition_rma_id'), ['rma_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_disposition_rma_line_id'), ['rma_line_id'], unique=False)
        batch_op.create_index('ix_disposition_by_state', ['state', 'settled_at'])

    op.create_table('outcome',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('proposal_id', sa.String(), nullable=False),
    sa.Column('review_id', sa.String(), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('inspection_id', sa.String(), nullable=False),
    sa.Column('reason_said', sa.String(), nullable=False),
    sa.Column('reason_found', sa.String(), nullable=False),
    sa.Column('finding', sa.String(), nullable=False),
    sa.Column('grade', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['return_case.id'], name=op.f('fk_outcome_case_id')),
    sa.ForeignKeyConstraint(['inspection_id'], ['inspection.id'], name=op.f('fk_outcome_inspection_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_outcome_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome')),
    sa.UniqueConstraint('inspection_id', name=op.f('uq_outcome_inspection_id'))
    )
    with op.batch_alter_table('outcome', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outcome_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_outcome_decided_by'), ['decided_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_outcome_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('repair',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('rma_id', sa.String(), nullable=False),
    sa.Column('line_id', sa.String(), nullable=False),
    sa.Column('disposition_id', sa.String(), nullable=False),
    sa.Column('sku', sa.String(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('erp_number', sa.String(), nullable=False),
    sa.Column('promised_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['disposition_id'], ['disposition.id'], name=op.f('fk_repair_disposition_id')),
    sa.ForeignKeyConstraint(['line_id'], ['return_line.id'], name=op.f('fk_repair_line_id')),
    sa.ForeignKeyConstraint(['rma_id'], ['rma.id'], name=op.f('fk_repair_rma_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_repair')),
    sa.UniqueConstraint('disposition_id', name=op.f('uq_repair_disposition_id'))
    )
    with op.batch_alter_table('repair', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_repair_rma_id'), ['rma_id'], unique=False)

    op.create_table('vendor_claim',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('rma_id', sa.String(), nullable=False),
    sa.Column('rma_line_id', sa.String(), nullable=False),
    sa.Column('proposal_id', sa.String(), nullable=False),
    sa.Column('disposition_id', sa.String(), nullable=False),
    sa.Column('supplier_id', sa.String(), nullable=False),
    sa.Column('purchase_order', sa.String(), nullable=False),
    sa.Column('purchases', sa.JSON(), nullable=False),
    sa.Column('sku', sa.String(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('serials', sa.JSON(), nullable=False),
    sa.Column('cost_minor', sa.Integer(), nullable=False),
    sa.Column('allowance_minor', sa.Integer(), nullable=False),
    sa.Column('expected_minor', sa.Integer(), nullable=False),
    sa.Column('file_by', sa.Date(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('missing', sa.JSON(), nullable=False),
    sa.Column('packet_blob', sa.String(), nullable=True),
    sa.Column('supplier_rma', sa.String(), nullable=True),
    sa.Column('sent_as', sa.String(), nullable=True),
    sa.Column('link_digest', sa.String(), nullable=True),
    sa.Column('link_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('approved_minor', sa.Integer(), nullable=True),
    sa.Column('credit_number', sa.String(), nullable=True),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['return_case.id'], name=op.f('fk_vendor_claim_case_id')),
    sa.ForeignKeyConstraint(['disposition_id'], ['disposition.id'], name=op.f('fk_vendor_claim_disposition_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_vendor_claim_proposal_id')),
    sa.ForeignKeyConstraint(['rma_id'], ['rma.id'], name=op.f('fk_vendor_claim_rma_id')),
    sa.ForeignKeyConstraint(['rma_line_id'], ['rma_line.id'], name=op.f('fk_vendor_claim_rma_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vendor_claim')),
    sa.UniqueConstraint('disposition_id', name=op.f('uq_vendor_claim_disposition_id'))
    )
    with op.batch_alter_table('vendor_claim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_vendor_claim_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_vendor_claim_link_digest'), ['link_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_vendor_claim_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_vendor_claim_rma_id'), ['rma_id'], unique=False)
        batch_op.create_index('ix_vendor_claim_by_state', ['state', 'created_at'])
        batch_op.create_index(batch_op.f('ix_vendor_claim_supplier_id'), ['supplier_id'], unique=False)

    op.create_table('claim_answer',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('claim_id', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('amount_minor', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('photos', sa.JSON(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['claim_id'], ['vendor_claim.id'], name=op.f('fk_claim_answer_claim_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim_answer'))
    )
    with op.batch_alter_table('claim_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_claim_answer_claim_id'), ['claim_id'], unique=False)

    op.create_table('claim_evidence',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('claim_id', sa.String(), nullable=False),
    sa.Column('purchase_order', sa.String(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('photos', sa.JSON(), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['claim_id'], ['vendor_claim.id'], name=op.f('fk_claim_evidence_claim_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim_evidence'))
    )
    with op.batch_alter_table('claim_evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_claim_evidence_claim_id'), ['claim_id'], unique=False)

    with op.batch_alter_table('integration_command', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attested_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('issue', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_index('ix_integration_command_to_attest', ['op', 'attested_at', 'state'])
        batch_op.create_index('ix_integration_command_by_state', ['state', 'created_at'])

    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rma_line_id', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('cause', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('serials', sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f('ix_ledger_entry_cause'), ['cause'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entry_rma_line_id'), ['rma_line_id'], unique=False)

    with op.batch_alter_table('rma', schema=None) as batch_op:
        batch_op.add_column(sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_rma_erp_number'), ['erp_number'])
        batch_op.create_index('ix_rma_by_state', ['state', 'closed_at'])

    with op.batch_alter_table('replacement', schema=None) as batch_op:
        batch_op.add_column(sa.Column('disposition_id', sa.String(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_replacement_line_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_replacement_disposition_id'), ['disposition_id'])
        batch_op.create_foreign_key(batch_op.f('fk_replacement_disposition_id'), 'disposition', ['disposition_id'], ['id'])

    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.add_column(sa.Column('subject', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('asked_by', sa.String(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_review_proposal_id_action'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_review_proposal_id_action_subject'), ['proposal_id', 'action', 'subject'])

    op.execute(
        'UPDATE ledger_entry SET rma_line_id = (SELECT id FROM rma_line WHERE rma_line.permit_id = ledger_entry.permit_id)'
    )


def downgrade() -> None:
    with op.batch_alter_table('review', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_review_proposal_id_action_subject'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_review_proposal_id_action'), ['proposal_id', 'action'])
        batch_op.drop_column('asked_by')
        batch_op.drop_column('subject')

    with op.batch_alter_table('rma', schema=None) as batch_op:
        batch_op.drop_index('ix_rma_by_state')
        batch_op.drop_index(batch_op.f('ix_rma_erp_number'))
        batch_op.drop_column('closed_at')

    with op.batch_alter_table('replacement', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_replacement_disposition_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_replacement_disposition_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_replacement_line_id'), ['line_id'])
        batch_op.drop_column('disposition_id')

    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ledger_entry_rma_line_id'))
        batch_op.drop_index(batch_op.f('ix_ledger_entry_cause'))
        batch_op.drop_column('serials')
        batch_op.drop_column('cause')
        batch_op.drop_column('rma_line_id')

    with op.batch_alter_table('integration_command', schema=None) as batch_op:
        batch_op.drop_index('ix_integration_command_by_state')
        batch_op.drop_index('ix_integration_command_to_attest')
        batch_op.drop_column('issue')
        batch_op.drop_column('attested_at')

    with op.batch_alter_table('claim_evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_claim_evidence_claim_id'))

    op.drop_table('claim_evidence')
    with op.batch_alter_table('claim_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_claim_answer_claim_id'))

    op.drop_table('claim_answer')
    with op.batch_alter_table('vendor_claim', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_vendor_claim_supplier_id'))
        batch_op.drop_index('ix_vendor_claim_by_state')
        batch_op.drop_index(batch_op.f('ix_vendor_claim_rma_id'))
        batch_op.drop_index(batch_op.f('ix_vendor_claim_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_vendor_claim_link_digest'))
        batch_op.drop_index(batch_op.f('ix_vendor_claim_case_id'))

    op.drop_table('vendor_claim')
    with op.batch_alter_table('repair', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_repair_rma_id'))

    op.drop_table('repair')
    with op.batch_alter_table('outcome', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outcome_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_outcome_decided_by'))
        batch_op.drop_index(batch_op.f('ix_outcome_case_id'))

    op.drop_table('outcome')
    with op.batch_alter_table('disposition', schema=None) as batch_op:
        batch_op.drop_index('ix_disposition_by_state')
        batch_op.drop_index(batch_op.f('ix_disposition_rma_line_id'))
        batch_op.drop_index(batch_op.f('ix_disposition_rma_id'))
        batch_op.drop_index(batch_op.f('ix_disposition_receipt_id'))
        batch_op.drop_index(batch_op.f('ix_disposition_inspection_id'))

    op.drop_table('disposition')
    with op.batch_alter_table('inspection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inspection_receipt_id'))

    op.drop_table('inspection')
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_receipt_state'))
        batch_op.drop_index(batch_op.f('ix_receipt_rma_line_id'))
        batch_op.drop_index(batch_op.f('ix_receipt_rma_id'))
        batch_op.drop_index(batch_op.f('ix_receipt_facility_id'))

    op.drop_table('receipt')
    with op.batch_alter_table('credit_memo', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credit_memo_rma_id'))
        batch_op.drop_index(batch_op.f('ix_credit_memo_posted_on'))
        batch_op.drop_index(batch_op.f('ix_credit_memo_proposal_id'))
        batch_op.drop_index(batch_op.f('ix_credit_memo_order_number'))
        batch_op.drop_index(batch_op.f('ix_credit_memo_case_id'))

    op.drop_table('credit_memo')
    op.drop_table('reconciliation')
    op.drop_table('line_bound')
    op.drop_table('audit_checkpoint')
    with op.batch_alter_table('label', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_label_sscc'))
        batch_op.drop_column('scan_id')
        batch_op.drop_column('scanned_at')
        batch_op.drop_column('parcel')

    with op.batch_alter_table('stuck_deed', schema=None) as batch_op:
        batch_op.drop_index('ix_stuck_deed_of_subject')

    op.drop_table('stuck_deed')
    with op.batch_alter_table('stuck_work', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stuck_work_case_id'))

    op.drop_table('stuck_work')
    op.drop_table('stray_parcel')
    op.drop_table('event_cursor')
