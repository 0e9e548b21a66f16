"""Money that was received: so far what staff record of transfers and cash. Bills, gateways and invoices follow."""
