"""
What operators are told: problems that Alertmanager, the services and operations report.

A problem is one row however often it is reported. News about problems are gathered for a moment, told
together to every target by mail, signed webhook or chat, and tried again until they arrive.
"""
