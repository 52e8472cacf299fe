using System.Globalization;
using System.Text;

namespace Teal.Releases;

/// <param name="Code">Stable: it is never given to another meaning.</param>
/// <param name="Next">What to do now.</param>
public sealed record CatalogueEntry(string Code, string Title, string Meaning, string Next);

/// <summary>Every code that Teal says, in order; <c>docs/errors.md</c> is made from it.</summary>
public static class ErrorCatalogue
{
    // csharpier-ignore-start
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        // 1000-1999: the journal, the version store and the state folder
        new("TEAL1001", "Another server has it", "Another process already runs on this state folder; two would decide against each other.", "Stop the process that the message names, or give this server its own TEAL_HOME."),
        new("TEAL1002", "Journal not writable", "The journal cannot be opened for writing: its owner, its mode or a read-only mount.", "Run as the owner of the folder and mount it writable; `teal doctor` looks at both."),
        new("TEAL1003", "Disk full", "The disk that holds the journal is full. What could not be recorded was not done either.", "Free some space and repeat the command."),
        new("TEAL1004", "Disk failed", "Reading or writing the journal failed below SQLite.", "Check the disk. If the journal is lost, `teal server restore FILE` brings a backup back."),
        new("TEAL1005", "Journal in use", "Another program (a database browser, a copying job) has the journal open and did not let go in time.", "Close that program. Copies are made with `teal server backup FILE`, which disturbs nobody."),
        new("TEAL1006", "No shared memory", "The journal lies on a file system that cannot share memory between processes, as most network mounts.", "Put TEAL_HOME on a local disk."),
        new("TEAL1101", "Journal gone", "The journal is missing or empty, though it held entries. Teal never starts empty over services that run.", "Put the file back, or restore a backup with `teal server restore FILE`."),
        new("TEAL1102", "Not a journal", "The file is not a journal of Teal; it was left as it is.", "Set TEAL_HOME to the right folder, or restore a backup with `teal server restore FILE`."),
        new("TEAL1103", "Of a newer Teal", "A newer Teal wrote the journal in a form that this one does not know.", "Run the newer version, or restore a backup that this one made."),
        new("TEAL1104", "Journal damaged", "SQLite cannot read the journal.", "Restore a backup with `teal server restore FILE`; check the disk."),
        new("TEAL1105", "Journal changed", "An entry is not what was appended: the chain of hashes breaks at the entry that the message names.", "Find out who wrote into the file, and restore a backup with `teal server restore FILE`."),
        new("TEAL1106", "Entries lost", "The journal is whole but shorter than what was last confirmed on this disk: an older copy was put in its place, or its end was lost.", "Restore the newest backup. To go on with what is left, restore the journal over itself, as the message says."),
        new("TEAL1107", "Mark not readable", "The small file beside the journal that says how far it had come cannot be read, so nobody can tell whether entries are missing.", "Restore a backup, or accept the journal as it is by restoring it over itself, as the message says."),
        new("TEAL1201", "Fenced out", "A newer server took the journal over; this one may not write any more.", "Stop this server. The newer one goes on."),
        new("TEAL1202", "Entry too large", "One entry is larger than the journal takes; it was not appended.", "Make what was sent smaller: a shorter --reason, a smaller manifest."),
        new("TEAL1301", "Backup exists", "A file of that name is there; a backup never replaces one.", "Choose another name."),
        new("TEAL1302", "No good backup", "The file is not there or is not a whole journal. What was there before is unchanged.", "Name another backup. After `teal server backup`: check the disk and make it again."),
        new("TEAL1401", "Not a name", "The name of a service or version is not a strict token; names become folders and arguments.", "Write it as the message says; a version's name may be left out and is then a hash of its content."),
        new("TEAL1402", "Name taken by other content", "The store has this version with other content, and a version never changes.", "Give the new content another name, or none: the default name is a hash of the content."),
        new("TEAL1403", "Path refused", "A file or link of the folder cannot be part of a version: it leads out, comes twice, is no plain file, or its path is too long or too deep.", "Take it out of the folder, or name another folder with --from."),
        new("TEAL1404", "Not a tar stream", "What was sent as the content of a version could not be read to its end.", "Send it again; `teal deploy` makes the stream by itself."),
        new("TEAL1405", "Version too large", "The folder holds more files or bytes than a version may have.", "Release the build output alone, without sources, packages and old builds."),
        new("TEAL1406", "Version not stored", "The version store could not be written; nothing of the version is left behind.", "Look at the disk's space and the mode of TEAL_HOME, then deploy again."),
        new("TEAL1407", "Empty folder", "There is nothing in the folder that was to be released.", "Build first, or name the folder of the build output with --from."),
        new("TEAL1408", "Program not in the folder", "The first word of run.command is not in the released folder, or leads out of it.", "Build it, correct run.command, or name the right folder with --from."),
        new("TEAL1409", "Program not executable", "The program is in the folder, but may not be executed.", "`chmod +x` it and deploy again."),
        new("TEAL1410", "Program not found", "The program is neither in the released folder nor on the PATH of the server.", "Install it where the server runs, or write its place in run.command."),
        new("TEAL1501", "State folder not usable", "TEAL_HOME could not be made or opened.", "Set TEAL_HOME to a folder on a local disk that this user may write."),
        new("TEAL1502", "State folder of another user", "The folder belongs to another user; whoever owns it could change what the server runs.", "Run as its owner, or set TEAL_HOME to a folder of your own."),
        new("TEAL1503", "Socket path too long", "Linux takes only short paths for a unix socket, and this TEAL_HOME makes a longer one.", "Set TEAL_HOME to a shorter path."),
        new("TEAL1504", "State folder open to others", "Other users may read or write the folder, which holds the journal and every version.", "`chmod 700` the folder, as the message says."),
        new("TEAL1505", "Home's name damaged", "The file by which this home knows its own instances again cannot be read.", "Stop the instances that this home started, remove the file that the message names, start again."),

        // 2000-2999: teal.yaml, what flags.yaml has in common with it, and names
        new("TEAL2001", "Not YAML", "The file could not be read as YAML; the place is where reading stopped.", "Look at that line and the one before it: a quote or bracket that is not closed, an indentation that does not fit."),
        new("TEAL2002", "Too large", "The file is larger than is taken (teal.yaml 256 KiB, flags.yaml 4 MiB), nested too deeply, or grows too much by its aliases.", "Make the file smaller; write repeated parts out instead of referring to them."),
        new("TEAL2003", "Not taken from YAML", "The file uses a part of YAML that surprises readers: a tag, a merge key, a directive, a second document, a tab in front of a line, a control character.", "Write the value plainly; indent with spaces."),
        new("TEAL2004", "Key written twice", "The same key stands twice in one group; one of the two values would be lost.", "Remove one of them."),
        new("TEAL2005", "Unknown key", "No such key exists here. Nothing is ignored silently: a misspelt limit would be no limit.", "Take the suggestion, or see docs/reference/teal-yaml.md; for flags docs/guide/flags-yaml.md."),
        new("TEAL2006", "Not in this version", "The key or value belongs to a capability that this version of Teal does not have yet.", "Remove it; the rest of the file works without it."),
        new("TEAL2007", "Key missing", "A required key is not there.", "Add it; docs/reference/teal-yaml.md, for flags docs/guide/flags-yaml.md, shows what it takes."),
        new("TEAL2008", "Wrong kind of value", "The value is not of the kind that the key takes: a duration or size lacks its unit, a text stands where a number is wanted, a list where a text is.", "Write the value as the message shows."),
        new("TEAL2009", "Value refused", "The text has characters or a form that the key does not take.", "Write it as the message says; names are strict tokens because they become file names and arguments."),
        new("TEAL2010", "Out of range", "The value or the number of entries is outside of what the key allows.", "Stay inside the range that the message names."),
        new("TEAL2011", "Keys do not fit together", "Each key is good alone, but not with the others: shares that do not rise, a last step below 100%, a route given twice, a guard with a limit that its metric does not take.", "Change one of the keys at the named place."),
        new("TEAL2012", "Unknown environment", "The environment that was asked for has no entry in the file.", "Give one of the names that the message lists to -e, or add it under 'environments'."),
        new("TEAL2013", "A shell string", "A program is given as one text. Teal never starts a shell, so that nothing in a value can become a command.", "Write a list: [dotnet, Shop.dll]. Where a shell is wanted, say so: [sh, -c, \"…\"]."),

        // 3000-3999: releases
        new("TEAL3001", "Service held", "Another release or a waiting deploy holds the service.", "Wait for it with `teal deploy --wait`, or replace it with `teal deploy --supersede`."),
        new("TEAL3002", "Too many wait", "As many deploys of the service wait as may wait.", "`teal status` shows them; `teal deploy --supersede` takes the place of all of them."),
        new("TEAL3003", "No release runs", "The command acts on a running release, and the service has none.", "`teal history` shows the last ones."),
        new("TEAL3004", "Not now", "The release cannot take this command at its present stage.", "`teal status` shows the stage and the commands that make sense now."),
        new("TEAL3005", "No way back", "The older version is not there or is down, so users stay where they are.", "`teal logs` shows what the versions say; `teal promote --force` ends the release with the new one."),
        new("TEAL3006", "New version down", "The new version answers no health probe, so the release does not go on.", "`teal logs` shows why; it goes on by itself when the version is healthy again. `teal abort` gives it up."),
        new("TEAL3007", "Not promoted", "The guard does not say that the new version is healthy: it has too little to go by, or sees a breach.", "Wait with `teal watch`, or overrule it with `teal promote --force --reason \"…\"`."),
        new("TEAL3008", "Nothing warm", "No previous version is kept running, so there is none to return to at once.", "`teal history` shows what there was; `teal deploy VERSION --from DIR` releases it anew from its folder."),
        new("TEAL3009", "Not running", "The version that was named does not run; only a running one can be returned to at once.", "`teal deploy VERSION --from DIR` starts and releases it; `teal rollback` alone returns to the warm one."),
        new("TEAL3010", "Warm version down", "The version that is kept for rollback answers no health probe.", "`teal logs` shows why; `teal deploy VERSION --from DIR` releases a healthy version."),
        new("TEAL3020", "Version down", "No instance of the version answers its health probe; the release ended because of it.", "Read the last lines that the message shows, or `teal logs`; repair, and deploy again."),
        new("TEAL3021", "Guard broken", "The new version did worse than release.guard allows; its figures and limits are in the message.", "Look at what it did (`teal history`, `teal logs`), repair it, deploy again under another name."),
        new("TEAL3022", "Given up", "A person ended the release with `teal abort` or `teal rollback`.", "`teal audit` shows who, and the reason that was given."),
        new("TEAL3023", "Gave way", "A newer deploy took the place of this one.", "`teal watch` follows the newer one."),
        new("TEAL3101", "Journal out of order", "An entry is missing between two of the journal, so the state cannot be told.", "Restore a backup with `teal server restore FILE`."),
        new("TEAL3102", "Decided otherwise", "An entry was decided otherwise than this version of Teal decides it, so its state could be wrong. It was not started.", "Start the Teal that wrote it, let its releases end, stop it in good order, update then."),
        new("TEAL3103", "Entry not readable", "An entry of the journal has a kind or form that this Teal does not know.", "Start the newer Teal that wrote it, or restore a backup with `teal server restore FILE`."),
        new("TEAL3104", "Would break a promise", "Teal refused a step of its own, because it would have broken what must always hold. Nothing was done; this is a fault in Teal.", "Please report it with the server's log and `teal history -o json`."),
        new("TEAL3105", "Reports dropped", "More reports of the running instances wait for the journal than can be kept; the oldest state stands until the next report.", "Look at the disk below TEAL_HOME: the journal is too slow."),

        // 4000-4999: traffic; the answers that users of a service may see from the proxy itself
        new("TEAL4000", "No route", "404: no service has this host and path.", "`teal proxy routes` shows who has which; the Host header has to match."),
        new("TEAL4001", "Length ambiguous", "400: the length of the body can be read in more than one way, which is how requests are smuggled.", "Send one Content-Length or one chunked body."),
        new("TEAL4002", "Header not valid", "400: the host or another header has a form or byte that it may not have.", "Correct the client."),
        new("TEAL4003", "Path ambiguous", "400: the path can be read in more than one way: dot segments, encoded slashes, bytes that do not belong there.", "Send the path in its plain form."),
        new("TEAL4004", "Method not allowed", "405: CONNECT and TRACE are never passed on.", "Use another method."),
        new("TEAL4005", "Method not known", "501: the method is none that the proxy passes on.", "Use a standard method."),
        new("TEAL4006", "Expectation not known", "417: only `Expect: 100-continue` can be met.", "Leave the header out."),
        new("TEAL4007", "Body too large", "413: the body is larger than the service takes.", "Send less, or raise limits.body in teal.yaml."),
        new("TEAL4008", "Upload too slow", "408: the body came slower than the server waits for.", "Send it again over a better connection."),
        new("TEAL4009", "Body not readable", "400: the body ended early or its chunks are wrong.", "Correct the client, or send it again."),
        new("TEAL4010", "No version runs", "503: the service has no running version that could answer.", "`teal status` shows why; retry after a few seconds."),
        new("TEAL4011", "Maintenance", "503: the service is in maintenance, as a person asked.", "`teal proxy release` opens it again."),
        new("TEAL4012", "Too many wait", "503: the service is held, and as many requests wait as may wait.", "Retry; `teal proxy release` lets them go."),
        new("TEAL4013", "Held too long", "503: the request waited for the service as long as a request may.", "Retry; `teal proxy release` ends the hold."),
        new("TEAL4014", "Service taken away", "503: the service was removed while the request waited.", "`teal proxy routes` shows what is served."),
        new("TEAL4019", "Held, and well", "200: the answer to a health check of a load balancer in front while the service is held, so that it does not take the server out.", "Nothing; `teal proxy release` ends the hold."),
        new("TEAL4020", "Application not reached", "502: no instance took the connection, so the request was not given to one.", "`teal status` and `teal logs` show the instances; the request may be repeated."),
        new("TEAL4021", "No answer", "502: the application took the request and closed without a whole answer. It was not repeated: it may have acted.", "`teal logs` shows what it said. Repeat the request where that is safe."),
        new("TEAL4022", "Too late", "504: the application did not answer in the time that it has.", "`teal logs` shows what it does; the limit is limits.answer in teal.yaml."),
        new("TEAL4023", "Cut", "503: the request was still inside when its version reached the deadline of draining.", "Raise release.drain above the longest request, or make long requests repeatable."),
        new("TEAL4030", "Preview refused", "403: the X-Teal-Preview header holds no token that may see the preview.", "`teal token create --role preview`."),
        new("TEAL4031", "Nothing to preview", "503: no new version of the service stands ready.", "Look again while a release runs: `teal status`."),
        new("TEAL4040", "Not a loopback address", "An instance's address is not on loopback; the proxy sends nowhere else.", "This is a fault in Teal: please report it with the server's log."),
        new("TEAL4041", "Address of Teal itself", "An instance has a port on which Teal listens; requests would run in a circle.", "Choose another port for the service or for --listen."),
        new("TEAL4042", "Route not valid", "A host or path of a route has a form that cannot be served.", "Correct `routes` in teal.yaml: a name, *.example.com or *, and a prefix that begins with /."),
        new("TEAL4043", "Table not valid", "A limit, the number of instances or the slots of a service cannot be served; the last good table stays.", "Correct teal.yaml if it is one of its limits; else report it with the server's log."),

        // 5000-5999: the processes of the service
        new("TEAL5001", "Command not found", "The program of run.command was not there when an instance was to be started.", "Deploy the version again with a folder that holds it."),
        new("TEAL5002", "Variable missing", "A value of run.env refers to a variable or file that the server does not have, or that cannot be a variable.", "Set it where the server starts, or correct run.env."),
        new("TEAL5003", "Exits at once", "An instance ended several times before the version was healthy.", "Read its last lines in the message or in `teal logs`; run the command by hand."),
        new("TEAL5004", "Never listened", "Nothing listened on the port that the instance was given, within health.give_up_after.", "Listen on the variable PORT (or ASPNETCORE_URLS), on loopback; or raise health.give_up_after."),
        new("TEAL5005", "Never healthy", "The instance listens, but health.path did not stay good, within health.give_up_after.", "The last answer is in the message; correct health.path or the service."),
        new("TEAL5006", "No free port", "No free port was found on 127.0.0.1.", "Look for leaking sockets (`ss -tan`) and at the range of local ports."),
        new("TEAL5007", "Start failed", "The operating system did not start the program; its reason is in the message.", "Look at limits, memory, and the program's format and interpreter line."),
        new("TEAL5008", "Smoke test failed", "The smoke test ended with another code than 0, or could not run; no user reached the version.", "Read its lines in the message; correct the version or the test."),
        new("TEAL5009", "Smoke test too long", "The smoke test did not end within release.smoke_timeout; it was ended.", "Make it faster, or raise release.smoke_timeout."),
        new("TEAL5010", "Warm-up failed", "A request of the warm-up was not answered well by a new instance.", "The answer is in the message; correct the warm-up's path or the version."),
        new("TEAL5011", "Went down", "A version that was healthy has no healthy instance any more; Teal goes on trying to start it.", "The last answer and lines are in the message; `teal logs -f` follows it."),
        new("TEAL5012", "Could not be started", "Starting an instance failed in a way that Teal did not expect; it tries again with growing pauses.", "The reason is in the message; `teal doctor` looks at limits and disk."),

        // 6000-6999: access to the admin API
        new("TEAL6001", "Token not known", "401: the token is not known, was revoked or has expired.", "`teal token create` on the server's machine makes a new one."),
        new("TEAL6002", "Role too small", "403: the token is good, but its role may not do this.", "Use a token of the role that the message names."),
        new("TEAL6003", "Another service", "403: the token is for one service, and this is about another or about the whole server.", "Use a token of that service, or one without a service."),
        new("TEAL6004", "Too many bad tokens", "429: this address sent too many bad tokens and is shut out for a while.", "Wait as long as Retry-After says, and correct the token."),
        new("TEAL6005", "Token needed", "401: the admin API on TCP takes no request without a token.", "Set TEAL_TOKEN or TEAL_TOKEN_FILE, or use the unix socket."),
        new("TEAL6010", "Another host", "403: the Host header does not name this server; so does a page that was rebound to it.", "Use one of the addresses that the message names."),
        new("TEAL6011", "Another site", "403: a page of another site asked, with the browser of somebody who may.", "Ask from the command line or from Teal's own pages."),
        new("TEAL6012", "Token in the address", "400: a token stood in the query string, where logs keep it.", "Revoke it with `teal token revoke`, and send tokens in the Authorization header."),
        new("TEAL6013", "Wrong kind of body", "415, or 403 for what a form could send: the body's Content-Type is not the one that is taken here.", "Send the type that the message names."),
        new("TEAL6014", "No body here", "400: the request takes no body and had one.", "Leave the body out."),

        // 7000-7999: the command line
        new("TEAL7001", "A fault in teal", "Something in the command line itself failed.", "Run it again with -v and report what it shows."),
        new("TEAL7002", "Command not understood", "A command, option or argument is not known or does not fit.", "Take the suggestion, or ask the command with --help."),
        new("TEAL7003", "Option not valid", "The value of an option, or of its variable TEAL_…, cannot be read.", "Write it as the message says."),
        new("TEAL7004", "Not a server's address", "--server or TEAL_SERVER is neither unix:/path nor http://host:port, or the path is too long for a socket.", "Write unix:/path/to/teal.sock or http://127.0.0.1:9900."),
        new("TEAL7005", "No server answers", "Nothing answers at the server's address, so nothing was sent.", "Start it with `teal server run`, or correct --server or TEAL_HOME."),
        new("TEAL7006", "Not your socket", "The server's socket belongs to another user.", "Run as the user that runs the server, or use its TCP address with a token."),
        new("TEAL7007", "No answer in time", "The server took the request and did not answer in time; it may have been carried out.", "Look with `teal status` before repeating it."),
        new("TEAL7008", "Not this Teal", "What answers speaks another protocol, or that of another version.", "Compare `teal --version` with the server's, and look at the address."),
        new("TEAL7009", "Connection broke", "The connection broke off while the answer came; the command may have been carried out.", "Look with `teal status` before repeating it."),
        new("TEAL7010", "Which service?", "No teal.yaml is here, and --service was not given.", "Go to the folder of teal.yaml, name it with -C, or give --service."),
        new("TEAL7011", "Manifest not readable", "teal.yaml is not there, cannot be read, or is far too large.", "Name it with -C, or begin one with `teal init`."),
        new("TEAL7012", "Manifest not valid", "teal.yaml has errors; each is shown with its place and its own code. Nothing was sent.", "Correct them; `teal config validate` looks again."),
        new("TEAL7013", "Not the right folder", "The folder is not there, or does not hold the program of run.command.", "Build first, and name the folder of the build output with --from."),
        new("TEAL7016", "Waited long enough", "The release had not ended when --timeout was over; it goes on in the server.", "`teal watch` waits on; `teal status` shows where it is."),
        new("TEAL7017", "Interrupted", "The command was interrupted. What the server was asked to do goes on.", "`teal watch` follows again; `teal abort` gives a release up."),
        new("TEAL7018", "No yes was given", "The step asks a person, who said no or is not there: no terminal, or --no-input.", "Repeat with --yes once you are sure."),
        new("TEAL7019", "Receipt does not add up", "The requests of a release do not add up to those accepted. This is a fault in Teal.", "Please report it with `teal history -o json`."),
        new("TEAL7020", "File not written", "The file exists and was kept, or its place cannot be written.", "Choose another place; where the message says so, --force replaces it."),
        new("TEAL7021", "Token not readable", "TEAL_TOKEN or the file of TEAL_TOKEN_FILE holds no token.", "Write the token alone on one line; `teal token create` makes one."),
        new("TEAL7022", "Superseded", "The deploy was replaced by a newer one before it began.", "`teal status` shows the newer one."),
        new("TEAL7023", "No such file", "The backup or journal that was named is not there.", "Name another file; `teal server backup FILE` makes one."),
        new("TEAL7024", "Backup not written", "The copy that the server made could not be written to where it was wanted.", "Look at the folder's mode and the space on its disk."),
        new("TEAL7025", "The server runs", "A journal cannot be exchanged under its writer; nothing was restored.", "Stop the server (SIGTERM), restore, start it again. The services go on meanwhile."),
        new("TEAL7030", "Cannot listen", "The server could not listen on an address: the port is taken, or below 1024 and not allowed.", "Name another with --listen; `teal doctor` shows who has it."),
        new("TEAL7031", "Not an address", "An address given to `teal server run` cannot be read.", "Write http://*:8080 or http://127.0.0.1:8080; `teal server run --help` shows more."),

        // 8000-8999: the server
        new("TEAL8101", "Act failed", "An act of a release (starting, moving, stopping) failed in a way that Teal did not expect; the release takes it as a failure.", "The reason is in the message, more in the server's log; `teal status` shows where users are."),
        new("TEAL8104", "Version gone", "The version is not in the store any more, so it can be neither started nor tested.", "Deploy it again from its folder with --from."),
        new("TEAL8201", "No such service", "404: no service of this name has been deployed here; the message names those that have.", "`teal status` lists them; look at --service and at the server's address."),
        new("TEAL8203", "No such gate", "400: a service's gate is open, held or maintenance.", "Use `teal proxy hold`, `release` or `maintenance`."),
        new("TEAL8204", "Not quiet yet", "504: new requests are held, but older ones are still inside after 30 s.", "Wait and ask again, or let all go with `teal proxy release`."),
        new("TEAL8205", "Manifest of another service", "400: the manifest and the address of the request name different services.", "Deploy with the manifest of that service."),
        new("TEAL8206", "Unknown version", "404: the store has no such version of the service.", "Deploy it from its folder with --from."),
        new("TEAL8207", "Host taken", "Another service has a route of this manifest. A deploy is refused for it (409) and nothing is released; the server's log names it when it is met later.", "`teal proxy routes` shows whose it is; change `routes`."),
        new("TEAL8208", "Too many listeners", "503: as many event streams are open as are served.", "Close some `teal watch`, or ask with `teal status`."),
        new("TEAL8209", "No such slot", "400: a slot is blue or green.", "Name one of the two, or none."),
        new("TEAL8210", "No such role", "400: the role of a token is none that there is; the message names them.", "Take one of them: `teal token create --help`."),
        new("TEAL8211", "No such token", "404: no token has this id.", "`teal token list` shows the ids."),
        new("TEAL8212", "Too large", "413: a request to the admin API takes at most 1 MiB, content of versions aside.", "Send less: a shorter reason, a smaller manifest."),
        new("TEAL8213", "Request not readable", "The request or its JSON could not be read; the message says where.", "Correct it; a `teal` of the same version sends it right."),
        new("TEAL8214", "Not an admin address", "--admin is not an address like http://127.0.0.1:9900.", "Write it so, or leave it out: the unix socket is always there."),
        new("TEAL8215", "Admin beyond loopback", "The admin API is not served beyond loopback, because it has no TLS yet.", "Name a loopback address, and reach it through ssh: `ssh -L 9900:127.0.0.1:9900 HOST`."),
        new("TEAL8216", "Webhook not usable", "400, or in the audit trail: what a webhook of `notify` refers to is not there, is no http(s) address, or leads where Teal sends nothing: its own ports, link-local and unspecified addresses.", "Set the variable or file where the server runs, to an address like https://hooks.example.com/…"),
        new("TEAL8217", "Message not delivered", "In the audit trail: a webhook of `notify` did not take a message, after the attempts that it gets. The release was not touched by it.", "`teal audit --kind notice_failed` shows each; look at the receiver."),
        new("TEAL8299", "A fault in the server", "500: something in the server failed that it did not expect; releases go on.", "Please report it with the server's log."),

        // 9100-9199: flag documents and evaluation contexts
        new("TEAL9101", "Not JSON", "The flag document is not JSON, or not valid UTF-8; the place is where reading stopped. The last good document goes on serving.", "Look at that line and the one before it: a comma, quote or bracket too many or too few."),
        new("TEAL9102", "Document too large", "The flag document has more bytes than are taken.", "Split it into several flag sets."),
        new("TEAL9103", "Document too much", "The document is nested deeper, holds more flags or values, or asks for more work while it is read than is taken.", "Make it smaller; write long constant lists out instead of computing them in targeting."),
        new("TEAL9104", "Written twice", "The same key stands twice in one object, or two flags of a list have one key; one of the two would be lost.", "Remove one of them."),
        new("TEAL9105", "Not a flagd document", "Something is missing or of the wrong kind by flagd's schema (v0).", "Write it as the message says; flagd's schema is at https://flagd.dev/schema/v0/flagd.json."),
        new("TEAL9106", "Not a flag", "The state or the variants of a flag are missing or not of one kind.", "Give `state` as ENABLED or DISABLED, and `variants` that are all booleans, strings, numbers or objects."),
        new("TEAL9107", "Default is no variant", "The default variant of a flag is not among its variants.", "Name one of the variants, or null for the code's own default."),
        new("TEAL9108", "Targeting not understood", "The targeting has an operation that there is not, or arguments that it does not take.", "Write it as the message says; flagd's targeting schema lists the operations."),
        new("TEAL9109", "Evaluators in a circle", "Shared evaluators refer to each other in a circle, or too deep.", "Break the circle: write one of them out where it is used."),
        new("TEAL9110", "Hash version not known", "The document asks for a bucketing that this version of Teal does not have; another one would put other users in.", "Set metadata.hashVersion to 1, or remove it."),
        new("TEAL9111", "Unknown evaluator", "A flag refers to a shared evaluator that the document does not have. The flag answers PARSE_ERROR, the others work.", "Add the evaluator to $evaluators, or correct the name."),
        new("TEAL9120", "Context too large", "The evaluation context has more bytes than are taken (INVALID_CONTEXT).", "Send only the attributes that the flags need."),
        new("TEAL9121", "Context not readable", "The evaluation context is not a JSON object in valid UTF-8 (INVALID_CONTEXT).", "Send a JSON object."),
        new("TEAL9122", "Context too deep", "The evaluation context is nested deeper than is taken (INVALID_CONTEXT).", "Send flat attributes."),
        new("TEAL9123", "Attribute given twice", "An object of the evaluation context has a member twice; which one counts would be chance (INVALID_CONTEXT).", "Send each once."),
        new("TEAL9124", "Number too large", "A number of the evaluation context is larger than a double can hold (INVALID_CONTEXT).", "Send it as a string."),
        new("TEAL9125", "Targeting key is no string", "The targetingKey of the evaluation context is not a string (INVALID_CONTEXT).", "Send it as a string, or leave it out."),

        // 9200-9299: flags as people write them
        new("TEAL9201", "Name refused", "The name of a flag, variant, rule, segment, environment or attribute is not a strict token; names become keys in clients of every language.", "Write it as the message says."),
        new("TEAL9202", "Unknown variant", "The flag has no variant of this name.", "Take the suggestion, or add the variant."),
        new("TEAL9203", "Unknown segment", "A condition names a segment that does not exist.", "Take the suggestion, or add the segment."),
        new("TEAL9204", "Unknown flag", "A flag requires, or shares its cohort with, a flag that does not exist or is archived.", "Take the suggestion, or drop the requirement first."),
        new("TEAL9205", "Unknown environment", "A flag says what it serves in an environment that the set does not have.", "Take the suggestion, or add the environment to `environments`."),
        new("TEAL9206", "Unknown holdout", "A flag names a holdout that does not exist.", "Take the suggestion, or add the holdout."),
        new("TEAL9207", "Variants of different kinds", "All variants of a flag are truth values, or texts, or numbers, or groups of keys: an application asks for one kind.", "Write all of them in one kind; put quotes around what is a text."),
        new("TEAL9208", "Shares do not fit", "The shares of a split do not make 100%, or the off variant does not stand last.", "Correct the shares; the last variant may be written `rest`."),
        new("TEAL9209", "Circle", "Flags that require each other, segments that name each other, or flags that share each other's cohort lead in a circle.", "Break the circle at one of the names in the message."),
        new("TEAL9210", "Too many or too long", "There is more of something than a set of flags may have.", "Stay inside the limit that the message names."),
        new("TEAL9211", "Name twice", "The same name stands twice where names are unique.", "Remove or rename one of them."),
        new("TEAL9212", "Test does not fit", "The test of an attribute has a value that it cannot take, or too many of them.", "Write the value as the message says."),
        new("TEAL9213", "Something is missing", "What is needed is not there: an owner, a variant, what is served in an environment, an off variant for those who are held out.", "Add it where the message says."),
        new("TEAL9214", "Schedule not understood", "A scheduled change has no time zone that exists, no plain local time, or changes nothing.", "Write the time as 2026-12-01T09:00 and the zone as Europe/Berlin."),
        new("TEAL9215", "Cohorts do not fit", "Two flags that are to be disjoint take more than 100% together, or two that share a cohort split by different attributes.", "Lower one share, or drop the sharing."),
        new("TEAL9216", "Dates do not fit", "The flag expires before it was created.", "Correct one of the two dates."),
        new("TEAL9230", "Changed meanwhile", "Somebody changed the flag, or the set, after it was looked at; nothing was changed.", "Look again, and repeat with the present version."),
        new("TEAL9231", "Not there", "The flag, environment, rule, segment, holdout or scheduled change that the command names does not exist.", "Take the suggestion; `teal flag list` shows what there is."),
        new("TEAL9232", "Exists already", "There is a flag of this name.", "Choose another name, or change the one that is there."),
        new("TEAL9233", "Not a split of two", "A share is set between two variants, and it is not clear which two.", "Name the other variant, or set the whole split."),

        // 9300-9399: rollouts of flags
        new("TEAL9301", "Rolling out already", "The flag has a rollout in this environment, and a flag has one at a time.", "`teal flag rollout FLAG` shows it; `teal flag rollout stop FLAG` ends it."),
        new("TEAL9302", "Share does not grow", "The variant has as many users as the first step would give it, or more; a rollout only lets a share grow.", "Begin above the share it has, or set the share down first."),
        new("TEAL9303", "No rollout runs", "The command acts on a running rollout, and the flag has none in this environment.", "`teal flag rollout FLAG` shows the last ones; look at -e."),
        new("TEAL9304", "Not now", "The rollout cannot take this command at its present step.", "`teal flag rollout FLAG` shows the step and the commands that make sense now."),
        new("TEAL9305", "Not promoted", "The guard does not say that the new variant is healthy: it has too little to go by, or sees a breach.", "Wait, or overrule it with `teal flag rollout promote FLAG --force --reason \"…\"`."),
        new("TEAL9310", "Guard broken", "The new variant did worse than the guard allows; its figures and limits are in the message.", "Look at what it did, repair it, roll it out again: the same users come first."),
        new("TEAL9311", "Share not set", "The flag could not be given the step's share, so the rollout was taken back.", "The reason is in the message; `teal flag show FLAG` shows the flag."),
        new("TEAL9312", "Stopped", "A person ended the rollout with `teal flag rollout stop`.", "`teal flag rollout FLAG VARIANT` begins another; the same users come first."),
        new("TEAL9313", "Killed", "The flag was killed while it was rolling out.", "`teal audit` shows who, and the reason that was given."),
        new("TEAL9320", "Not a rollout", "The rollout names the variant that users have already, or a way back that there is not.", "Correct the part that the message names; `teal flag rollout --help` shows examples."),
        new("TEAL9321", "Not steps", "The steps are not rising shares, each with its unit, at most 20; or there is nobody to compare with at the first one.", "Write them like --steps 1%,5%,25%,100%."),
        new("TEAL9322", "Not a hold", "The hold is not a duration with its unit, or longer than a week.", "Write it like --hold 10m."),
        new("TEAL9323", "Not a guard", "A guard is a metric, a colon and a limit that this metric takes.", "Write them like --guard error_rate:+0.5%,latency_p99:x1.3."),
        new("TEAL9324", "Not of a variant", "The metric belongs to a process, and both variants of a flag run in the same process.", "Guard a flag by error_rate or a latency; a release by cpu or memory."),
        new("TEAL9330", "No such flag", "404: the server has no such flag.", "`teal flag list` shows those it has; look at -e and at the server's address."),
        new("TEAL9331", "Never rolled out", "404: the flag was never rolled out in this environment.", "`teal flag rollout FLAG VARIANT` begins a rollout; look at -e."),
        new("TEAL9332", "Waits for a person", "The rollout does not go on by itself; the message says why. It stands still in the server.", "Look at `teal flag rollout FLAG`, then resume, promote or stop it."),
        new("TEAL9333", "Flag is off", "409: a flag that is off gives nobody the variant, so a rollout of it would show nothing.", "`teal flag revive FLAG`, then roll it out."),

        // 9400-9499: flags over OFREP and flagd's protocols
        new("TEAL9401", "Which environment?", "400: a token of the role sdk is for one environment and no service; tokens of other roles are for no environment.", "`teal token create NAME --role sdk --environment production`"),
        new("TEAL9402", "Not a token's name", "400: the name of a token is not a strict token.", "Write it as the message says, or leave it out."),
        new("TEAL9403", "Name taken", "409: another token has this name; a name means one token for as long as it is valid.", "Take another name, or `teal token revoke` the old one first."),
        new("TEAL9404", "Not a selector", "400, or InvalidArgument: what was sent as flagd's selector chooses no environment.", "Send environment=NAME or flagSetId=NAME, or nothing."),
        new("TEAL9405", "Another environment", "403, or PermissionDenied: the key is for one environment, and the selector names another.", "Leave the selector out, or use a key of that environment."),
        new("TEAL9406", "No such environment", "No flags are known in this environment.", "`teal flag list` shows the environments; look at the key's and at the selector's."),
        new("TEAL9407", "Key needed", "401: this port answers nobody without a key, or the two headers brought different ones.", "`teal token create NAME --role sdk --environment production`, and send it as Authorization: Bearer or X-API-Key."),
        new("TEAL9408", "Context too large", "413: the context of an evaluation is more than 64 KiB of JSON.", "Send the attributes that rules ask for, and no others."),
        new("TEAL9409", "Not JSON by its type", "400: the body of an evaluation has another Content-Type than application/json.", "Send Content-Type: application/json."),
        new("TEAL9410", "No context", "400: the body of an evaluation has no object named context.", "Send {\"context\": {\"targetingKey\": \"user-1\"}}, or an empty object."),
        new("TEAL9411", "Body not readable", "400: the body of an evaluation is not JSON; the message says where.", "Send what the OpenFeature SDK sends; by hand, try it with `curl -d`."),
        new("TEAL9412", "A fault in an evaluation", "500: something failed that the server did not expect; the application uses its own default.", "Please report it with the flag and the context."),
        new("TEAL9413", "Too many clients listen", "429, or ResourceExhausted: as many clients listen for changes as are served, or the server stops.", "They come back by themselves; put a flagd or a proxy of your own between when it stays so."),
        new("TEAL9414", "Context not usable", "InvalidArgument: a context in a gRPC call is nested too deep, has a number that is none, or a targeting key that is no text.", "Correct the context, as the message says."),
        new("TEAL9415", "Client took nothing", "ResourceExhausted: the client did not read from its stream for 10 s and was let go; it comes back and is told the present state.", "Look at the client's machine and at the network between."),
        new("TEAL9416", "Not an address for flags", "--flags or --flagd cannot be read.", "Write --flags http://127.0.0.1:8016 and --flagd 127.0.0.1:8015."),
        new("TEAL9417", "flagd beyond loopback", "--flagd names an address that other machines reach; its providers send no key, and it has no TLS.", "Name 127.0.0.1; bring other machines by a tunnel or a proxy with TLS, or let them use --flags."),
        new("TEAL9418", "Not an origin", "--flags-origin is not the origin of a page.", "Write it as browsers do, with nothing after the host: https://shop.example."),

        // 9500-9599: flags in the server
        new("TEAL9501", "A document serves it", "409: the environment is served from a flagd document, so a change of the flags written for it would have no effect.", "Change the document and import it, or `teal flag import --leave -e ENV`."),
        new("TEAL9502", "No such environment", "The flags have no environment of this name.", "`teal flag list` names those there are; look at -e."),
        new("TEAL9503", "No document", "404: the environment is not served from a flagd document.", "`teal flag list` says what serves it."),
        new("TEAL9504", "Rolling out", "409: a rollout moves this share; a change by hand would be undone by its next step.", "`teal flag rollout stop FLAG`, or wait for its end; `teal flag kill FLAG` works at any time."),
        new("TEAL9505", "Flags not compiled", "In the server's log: flags were compiled into a document that cannot be read; the last good one goes on serving.", "Please report it with `teal flag export`."),
        new("TEAL9506", "Scheduled change refused", "In the server's log: a change in a flag's schedule does not fit the flag any more.", "Correct the schedule of the flag that the message names."),
        new("TEAL9507", "File not read", "The file cannot be read, is too large, or holds no valid set of flags and no flagd document; nothing was sent.", "`teal flag export` shows what a set looks like."),
    ];
    // csharpier-ignore-end

    public static CatalogueEntry? Find(string code) => All.FirstOrDefault(entry => entry.Code == code);

    /// <summary>The page <c>docs/errors.md</c>.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder(
            "# Error codes\n\nMade from the catalogue in the code; do not edit. Each failure that Teal prints carries one of these.\n"
        );
        foreach (var entry in All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {entry.Code}\n\n**{entry.Title}.** {entry.Meaning}\n\nNext: {entry.Next}\n");
        }
        return page.ToString();
    }
}
