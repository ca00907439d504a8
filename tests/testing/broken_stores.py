"""Stores that break one sentence of the contract each, and the test that has to notice.

Each is the memory store with one plausible mistake; several are mistakes that real stores and real
lease libraries have made.
"""

from __future__ import annotations

from coordination.stores.memory import MemoryStore
from tests.testing.broken_batches import (
    AnswersASessionOnce,
    AnswersTheOldIndex,
    CreatesWhatIsGone,
    FailsAsAWhole,
    LeavesOutTheRefused,
    PutsWithoutLooking,
    RenewsOnlyTheFirst,
    RevivesInBatches,
    SendsOneRequest,
    TakesItsTime,
    TakesTheFirst,
)
from tests.testing.broken_contention import (
    EntersAloneAnyway,
    EntersThenLooks,
    HearsTheNeighbours,
    LetsTheDeadEnter,
    ListensOnce,
    LooksThenEnters,
    NamesStraysByCreation,
    ProvesKeysOnly,
    ProvesOneRequest,
    ProvesWithoutTheSession,
    QueuesAcrossNames,
    QueuesByKey,
    RemembersTheFirstAnswer,
    TakesAllForStrays,
    TakesTheKeyForTheRecord,
    WakesTheHerd,
)
from tests.testing.broken_reads import (
    ClaimsToNoticeExpiry,
    DropsTheSlash,
    ForgetsDeletions,
    KeepsText,
    LeaksItsErrors,
    ListsTheDead,
    TellsForEver,
)
from tests.testing.broken_sessions import (
    CountsFromZeroAgain,
    CountsPerContender,
    CreatesOnTheDead,
    LeavesRecordsBehind,
    RevivesTheDead,
    TakesMovedRecordsAlong,
)
from tests.testing.broken_writes import (
    CommitsOneByOne,
    CreatesAnew,
    DeletesAnyIndex,
    IgnoresTheGuard,
    LooksThenWrites,
    Overwrites,
    ReplacesAnyIndex,
    SkipsEqualWrites,
)

BROKEN: dict[type[MemoryStore], str] = {
    CountsFromZeroAgain: "test_a_deleted_keys_next_index_is_greater",
    CountsPerContender: "test_contenders_are_ordered_by_created",
    RevivesTheDead: "test_a_late_renewal_never_revives",
    CreatesOnTheDead: "test_an_expired_session_creates_nothing",
    LeavesRecordsBehind: "test_closing_a_session_removes_all_its_records",
    TakesMovedRecordsAlong: "test_a_moved_record_outlives_its_old_session",
    Overwrites: "test_create_refuses_a_live_key",
    LooksThenWrites: "test_one_of_many_creates_a_free_record",
    ReplacesAnyIndex: "test_replace_at_a_stale_index_does_nothing",
    DeletesAnyIndex: "test_delete_at_a_stale_index_does_nothing",
    SkipsEqualWrites: "test_an_equal_value_moves_the_index",
    CreatesAnew: "test_replace_keeps_created",
    ListsTheDead: "test_list_leaves_out_expired_records",
    DropsTheSlash: "test_contenders_of_similar_names_do_not_mix",
    KeepsText: "test_a_value_need_not_be_utf8",
    TellsForEver: "test_a_closed_watch_is_told_nothing_more",
    ClaimsToNoticeExpiry: "test_a_watch_tells_of_expiry_if_it_says_so",
    LeaksItsErrors: "test_a_tiny_timeout_is_an_answer_or_a_store_error",
    ForgetsDeletions: "test_a_watch_catches_up_on_deletes",
    IgnoresTheGuard: "test_a_stolen_guard_writes_nothing",
    CommitsOneByOne: "test_a_commit_is_all_or_nothing",
    LeavesOutTheRefused: "test_a_batch_answers_in_order",
    AnswersTheOldIndex: "test_a_batch_moves_each_index",
    PutsWithoutLooking: "test_a_batch_at_a_stale_index_writes_nothing",
    CreatesWhatIsGone: "test_a_batch_brings_back_nothing",
    FailsAsAWhole: "test_a_dead_session_is_an_answer",
    SendsOneRequest: "test_many_in_one_batch",
    TakesTheFirst: "test_an_empty_batch_is_no_error",
    RenewsOnlyTheFirst: "test_a_batch_renews_each_session",
    RevivesInBatches: "test_a_dead_session_stays_dead_in_a_batch",
    AnswersASessionOnce: "test_a_session_twice_in_a_batch",
    TakesItsTime: "test_a_batch_keeps_to_its_timeout",
    LooksThenEnters: "test_many_enter_one_behind_the_other",
    EntersThenLooks: "test_who_comes_later_is_not_ahead",
    QueuesByKey: "test_entering_names_the_nearest_ahead",
    EntersAloneAnyway: "test_entering_alone_behind_somebody",
    QueuesAcrossNames: "test_other_names_are_not_ahead",
    RemembersTheFirstAnswer: "test_standing_names_the_nearest_ahead",
    TakesTheKeyForTheRecord: "test_another_record_under_its_key_is_not_it",
    LetsTheDeadEnter: "test_nobody_enters_on_a_dead_session",
    WakesTheHerd: "test_arrivals_are_not_departures",
    HearsTheNeighbours: "test_other_folders_are_not_told",
    ListensOnce: "test_who_goes_with_a_closed_session_departs",
    ProvesKeysOnly: "test_a_record_created_anew_is_gone",
    ProvesWithoutTheSession: "test_a_record_that_moved_is_gone",
    ProvesOneRequest: "test_many_records_are_proven",
    NamesStraysByCreation: "test_a_doubtful_record_that_is_there_is_a_stray",
    TakesAllForStrays: "test_a_doubtful_record_that_is_not_there_is_nothing",
}
"""For each the test of the suite that must fail, and no other store's."""
