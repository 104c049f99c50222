"""Files past their period: what ties a person to the network, and what goes when it is erased."""
