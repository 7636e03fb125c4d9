"""Shares of clips and the threads that work on them."""

from __future__ import annotations

import pytest
import torch

from labbench.training.engine.team import Team, share


@pytest.mark.parametrize("ranks", [1, 2, 3, 7])
@pytest.mark.parametrize("clips", [1, 2, 13, 64])
def test_shares_cover_every_clip_once(clips: int, ranks: int) -> None:
    shares = [share(clips, ranks, rank) for rank in range(ranks)]
    assert [i for each in shares for i in range(clips)[each]] == list(range(clips))
    sizes = [each.stop - each.start for each in shares]
    assert max(sizes) - min(sizes) <= 1


def test_ranks_sum_and_gather_in_order() -> None:
    team = Team(3)
    results = team.run(lambda rank: team.sum(rank, torch.tensor([float(rank), 1.0])))
    assert [r.tolist() for r in results] == [[3.0, 3.0]] * 3
    gathered = team.run(lambda rank: team.gather(rank, torch.tensor(rank)))
    assert [[int(t) for t in each] for each in gathered] == [[0, 1, 2]] * 3


def test_a_failed_rank_frees_the_others_and_the_team_goes_on() -> None:
    team = Team(2)

    def work(rank: int) -> torch.Tensor:
        if rank == 1:
            raise MemoryError("no room")
        return team.sum(rank, torch.ones(()))

    with pytest.raises(MemoryError, match="no room"):
        team.run(work)
    assert team.run(lambda rank: float(team.sum(rank, torch.ones(())))) == [2.0, 2.0]


def test_ranks_run_single_threaded_operations_without_gradients() -> None:
    team = Team(2)
    assert team.run(lambda rank: (torch.get_num_threads(), torch.is_grad_enabled())) == [
        (1, False), (1, False),
    ]  # fmt: skip
