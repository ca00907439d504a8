"""URLs that look right and name another cluster, or another prefix: two processes would hold one name."""

from __future__ import annotations

import pytest

from coordination import ConfigurationError, connect


@pytest.mark.parametrize(
    "url",
    [
        "etcd://h1:2379,http://h2:2379/shop",
        "etcd://h1:2379/,h2:2379/shop",
        "etcd://h1:2379,http://h2/shop",
        "etcd://h1//shop",
        "etcd:h1:2379/shop",
        "etcd:/h1:2379/shop",
        "etcds:h1/shop",
    ],
)
def test_what_would_be_another_world_of_names(url: str) -> None:
    """Pasted from etcdctl's list, or with a slash too few: taken as it stands it would exclude nobody."""
    with pytest.raises(ConfigurationError, match=r"etcds?://"):
        connect(url)
