"""The systems Backhaul brings along: ERP, carrier, warehouse, supplier, mailbox."""
