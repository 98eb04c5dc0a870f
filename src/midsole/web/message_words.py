"""Messages in words: what kind each is, and which way it goes."""

KINDS = {
    "weekly": "weekly mail",
    "alert": "warning",
    "notice": "notice",
    "checkin": "question",
    "routine": "reminder",
}
CHANNELS = {"email": "mail", "push": "push message", "webhook": "webhook"}
