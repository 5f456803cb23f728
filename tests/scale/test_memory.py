"""The number of processes is limited by memory, whatever the number of cores."""

from dashboard.scale.memory import DEFAULT_MEMORY_MB, count_processes, explain_unused_cores

WORD_LIST, ALL_METHODS = ("bing",), ("bing", "vader", "afinn", "model")


def test_a_machine_of_many_cores_gets_few_processes_by_default() -> None:
    """1 GB is enough for two by the word list, and for one with the AI model."""
    assert count_processes(64, DEFAULT_MEMORY_MB, WORD_LIST) == 2
    assert count_processes(64, DEFAULT_MEMORY_MB, ALL_METHODS) == 1


def test_there_are_no_more_processes_than_cores() -> None:
    """Memory that isn't needed isn't used."""
    assert count_processes(4, 100_000, WORD_LIST) == 4


def test_there_is_always_one_process() -> None:
    """Less memory than one takes can't be used."""
    assert count_processes(8, 1, ALL_METHODS) == 1


def test_the_explanation_names_the_memory_that_all_cores_need() -> None:
    """With as much, all are used, and there is nothing to explain."""
    explanation = explain_unused_cores(8, 1_000, WORD_LIST)
    assert explanation.startswith("Using 2 of 8 cores, because 1,000 MB of memory are enough for 2 processes of up to ")
    enough = int(explanation.partition("--memory ")[2].partition(",")[0])
    assert explain_unused_cores(8, enough, WORD_LIST) == ""
    assert explain_unused_cores(8, enough - 1, WORD_LIST) != ""
