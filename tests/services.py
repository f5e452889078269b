"""The services the tests build, in the order of the stream."""

from services.dispatcher.build import HISTORY as DISPATCHER

HISTORIES = [DISPATCHER]
