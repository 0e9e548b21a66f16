"""Payment gateways behind one interface: `base` says it, a module a gateway speaks it."""
