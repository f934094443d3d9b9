"""``jupyter plant-together doctor``: what is examined, one module a part; :mod:`.command` asks them all."""
