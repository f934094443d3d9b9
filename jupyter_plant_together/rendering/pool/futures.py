"""Futures that follow from futures; what follows is begun on the thread that ends the first one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def then(first: Future[A], following: Callable[[A], Future[B]]) -> Future[B]:
    """Return what ``following`` gives for the result of ``first``, or the error of ``first``."""
    both: Future[B] = Future()
    both.set_running_or_notify_cancel()

    def go_on(ended: Future[A]) -> None:
        error = ended.exception()
        if error is not None:
            both.set_exception(error)
        else:
            _follow(both, lambda: following(ended.result()))

    first.add_done_callback(go_on)
    return both


def or_else(first: Future[A], failure: type[Exception], otherwise: Callable[[], Future[A]]) -> Future[A]:
    """Return the result of ``first``, or of ``otherwise`` where it failed with ``failure``."""
    either: Future[A] = Future()
    either.set_running_or_notify_cancel()

    def go_on(ended: Future[A]) -> None:
        error = ended.exception()
        if isinstance(error, failure):
            _follow(either, otherwise)
        elif error is not None:
            either.set_exception(error)
        else:
            either.set_result(ended.result())

    first.add_done_callback(go_on)
    return either


def _follow(promised: Future[A], begin: Callable[[], Future[A]]) -> None:
    try:
        second = begin()
    except Exception as error:  # noqa: BLE001 - handed to those who wait
        promised.set_exception(error)
        return

    def end(ended: Future[A]) -> None:
        error = ended.exception()
        if error is not None:
            promised.set_exception(error)
        else:
            promised.set_result(ended.result())

    second.add_done_callback(end)
