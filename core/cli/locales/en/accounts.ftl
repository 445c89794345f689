# Accounts at CAs, and the CAs that have a short name.

fact-account = account
fact-ca = CA
fact-contacts = contacts
fact-created = created
fact-status = status

accounts-valid = valid
accounts-deactivated = deactivated
accounts-revoked = revoked
accounts-no-contacts = none
accounts-sent = note: the file also names { $words }, for `wildcert run`
accounts-unasked = the CA does not tell; this is what is known here: { $error }
accounts-unconfirmed = the account { $account } would be given up for good, which nobody has confirmed
accounts-hint-yes = repeat it with --yes
accounts-question = Give { $account } up for good? Its certificates can then be revoked with their own keys only. [y/N]
accounts-resumed = note: the account's key was being changed when that was interrupted; the CA is asked which key it has
accounts-dropped = note: the CA has not taken the new key; the account keeps the old one
accounts-kept = nothing is changed
accounts-nothing = no accounts in { $path }

cas-name = name
cas-title = CA
cas-eab = EAB
cas-keys = keys
cas-directory = directory
cas-needed = needed
cas-your-own = its own for each customer, or none any more
cas-more = EAB: the CA makes accounts for its customers only (external account binding). Keys: the kinds that certificates may have, where the CA names them. `wildcert cas --json` also has other names, where credentials come from, notes, and the page where each line was read.
