<?php
// Copyright (c) miclinik.hosting maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
//
// Where several hosts serve the site, PHP runs this before every page: sessions live in a store that all hosts share. PHP's
// own handler for it (phpredis) does the work. What is added here is what it lacks:
//
// - The store's address holds a password. In session.save_path PHP would write it into the log with every warning, and the
//   application would show it to its administrators. So that setting is left as it is, and the address comes from a file.
// - A store that does not answer is no session that is unknown: PHP would give the browser another number, and the person
//   would be logged out for good. So a page waits while another copy of the store takes over, and then says 503.

final class MiclinikSessions extends SessionHandler implements SessionUpdateTimestampHandlerInterface
{
    private const PATIENCE = 15; // seconds

    private string $address;
    private float $until;

    public function __construct(string $address)
    {
        $this->address = $address;
        $this->until = microtime(true) + self::PATIENCE;
    }

    public function open($path, $name): bool
    {
        return parent::open($this->address, $name);
    }

    public function close(): bool
    {
        return (bool) $this->asked(fn () => parent::close());
    }

    // The handler's own would lock each new number, up to three times as long as a page waits.
    public function create_sid(): string
    {
        return session_create_id();
    }

    public function validateId($id): bool
    {
        if ($this->read($id) !== '') {
            return true;
        }
        $this->again(); // nobody has this number, and it is not to stay locked
        return false;
    }

    #[ReturnTypeWillChange]
    public function read($id)
    {
        while (($data = @$this->asked(fn () => parent::read($id))) === false) {
            if (microtime(true) > $this->until) {
                $this->refuse();
            }
            usleep(200000);
            @$this->again();
        }
        return $data;
    }

    public function write($id, $data): bool
    {
        return (bool) $this->asked(fn () => parent::write($id, $data));
    }

    public function updateTimestamp($id, $data): bool
    {
        return $this->write($id, $data);
    }

    public function destroy($id): bool
    {
        return (bool) $this->asked(fn () => parent::destroy($id));
    }

    /** @return mixed what the handler says; false where the store does not answer, for which it also throws */
    private function asked(callable $question)
    {
        try {
            return $question();
        } catch (RedisException $error) {
            error_log('sessions.php: ' . $error->getMessage());
            return false;
        }
    }

    private function again(): void
    {
        $this->close();
        $this->open('', '');
    }

    private function refuse(): void
    {
        error_log('sessions.php: the store of the sessions does not answer');
        error_reporting(0); // PHP goes on as if the number were unknown, and complains that no cookie can be sent any more
        http_response_code(503);
        header('Retry-After: 5');
        header('Content-Type: text/plain; charset=UTF-8');
        echo "Sessions cannot be read at the moment. Please try again.\n";
        while (ob_get_level() > 0) {
            ob_end_flush();
        }
        flush(); // with it the headers have gone, before PHP could give out another number
        exit;
    }
}

(static function (): void {
    $address = trim((string) file_get_contents((string) getenv('MICLINIK_SESSIONS')));
    if ($address === '') {
        throw new RuntimeException('sessions.php: the address of the store of the sessions is missing');
    }
    ini_set('session.save_handler', 'redis');
    // Pages of one person wait for each other, as with files. A lock goes by itself when its page is longer at it, or died
    // with its host: what that page would have written into the session is dropped then. Nobody waits longer for it than
    // that: 340 times 50 ms.
    ini_set('redis.session.locking_enabled', '1');
    ini_set('redis.session.lock_expire', '15');
    ini_set('redis.session.lock_wait_time', '50000');
    ini_set('redis.session.lock_retries', '340');
    // Written when PHP ends, as without it: the application's own last words may still hold something for the session.
    session_set_save_handler(new MiclinikSessions($address), false);
})();

require __DIR__ . '/signed_in.php';
