# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the vhost of every site has to do, whatever web server reads it.

The templates of all servers, the tests and the doctor read it here, so that what is added holds for each of them.
Words that may be a part of an expression are marked so; they are written as both Perl's and Python's expressions are.
"""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token

#: The only script of the API; what follows its name in a path is the API's own affair.
API = "/api/index.php"
#: The script that answers for a folder. Nothing else falls back to the one of the front page.
INDEX = "index.php"
#: Folders of the document root that are never served: the installer, the configuration, records, what only developers
#: and programs on the host need.
DENIED = ("install", "conf", "documents", "langs", "test", "dev", "build", "scripts")
#: Folders whose PHP only the application includes.
INCLUDED = ("includes", "vendor")
#: Notes for developers, of kinds that browsers load as well: how their names begin, and the kinds (parts of an
#: expression).
NOTES = ("composer", "package", "package-lock", "bower", "README", "LICENSE", "COPYING", "CHANGELOG")
NOTE_KINDS = ("json", "txt", "html?")
#: What browsers load, by kind (parts of an expression). Nothing else is handed out: no .md, .sql, .lock, .tpl, .conf.
STATIC = (
    *("css", "js", "mjs", "map", "json", "png", "jpe?g", "gif", "svg", "webp", "avif", "ico", "cur"),
    *("woff2?", "ttf", "otf", "eot", "html?", "txt", "mp3", "wav", "ogg", "pdf", "swf", "webmanifest"),
)
#: For so long a browser does not ask for them again.
STATIC_DAYS = 7
#: Types that are compressed, beside text/html.
COMPRESSED = ("text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml")
#: Headers of every answer. The application sends some of them itself, and twice is not once.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    # What the application's pages use of a device, if a module does.
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=(self), usb=()",
}
#: Sent beside them where the application, which may be told to, sends none of its own.
POLICY = "Content-Security-Policy"
#: Headers of the application's that no client has to see.
HIDDEN = ("X-Powered-By",)
#: By this one PHP says for the log that somebody has guessed, and wrong (templates/php/failed_log_in.php).
FAILED = "X-Miclinik-Failed"
#: Methods that are used, and those of the application's module `dav`: https://www.rfc-editor.org/rfc/rfc4918
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
METHODS_OF_DAV = ("COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "UNLOCK")
#: Sent beside them where clients are to come by HTTPS alone.
HSTS = "Strict-Transport-Security"
#: Headers of callers that do not reach the application, by the reason.
REFUSED = {
    "The application believes the first of these that it finds, so a client could choose its own address.": (
        *("X-Forwarded-For", "Client-IP", "CF-Connecting-IP", "X-Real-IP", "Forwarded"),
    ),
    "It is between the web server and root on this host.": (host_token.HEADER,),
    "https://httpoxy.org": ("Proxy",),
}
#: The same where a site is for one entity.
ENTITY = {"It chooses the entity whose settings count, and there is one only.": ("DOLAPIENTITY",)}
#: Headers with a caller's key, which have to get through: what the doctor calls it where they do not.
KEYS = {"DOLAPIKEY": "key-stripped", "Authorization": "bearer-stripped"}
#: By what a browser learns whether a page of elsewhere may call, and read the answer:
#: https://fetch.spec.whatwg.org/#http-cors-protocol
CORS_ORIGIN = "Access-Control-Allow-Origin"
CORS_METHODS = "Access-Control-Allow-Methods"
CORS_HEADERS = "Access-Control-Allow-Headers"
CORS_MAX_AGE = "Access-Control-Max-Age"
CORS_EXPOSED = "Access-Control-Expose-Headers"
#: What the application or its library may send of them, beside the origin.
CORS_HIDDEN = (CORS_METHODS, CORS_HEADERS, CORS_MAX_AGE, CORS_EXPOSED, "Access-Control-Allow-Credentials")
#: Headers that a page may send beside what every page may, and that it may read in answers.
CORS_SENT = ("DOLAPIKEY", "DOLAPIENTITY", "Authorization", "Content-Type")
CORS_READ = ("Retry-After",)
#: So many seconds longer than PHP a server waits, so that it is PHP who ends what takes too long.
PATIENCE = 10
