"""What the console does besides sending, by the names that stand in the journal. What is sent: marble_client.witness."""

from __future__ import annotations

from enum import StrEnum


class Done(StrEnum):
    READ = "read-secret"
    REVEAL = "reveal-secret"
    COPY = "copy-secret"
    COMPARE = "compare-secret"
    SAVE = "save-secret"
    EXPORT = "export-secrets"
    START_LOCAL = "start-coordinator"
    STOP_LOCAL = "stop-coordinator"
    BACK_UP = "back-up-state"
    RESTORE = "restore-state"
    ROOT_ACCEPTED = "accept-root"
    ROOT_CHANGED = "change-root"
    ROOT_FORGOTTEN = "forget-root"
    ROOT_FOR_RECOVERY = "accept-root-for-recovery"
    POLICY_CHANGED = "change-policy"
    IDENTITY_CHOSEN = "choose-identity"
    JOURNAL_ON = "journal-on"
    JOURNAL_OFF = "journal-off"
    JOURNAL_CLEARED = "journal-cleared"
