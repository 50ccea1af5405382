<?php
// Print the id of a customer by its name: customer_find.php NAME
require __DIR__.'/api.php';

$found = listOf('thirdparties', [
    'sortfield' => 't.rowid',
    'sortorder' => 'ASC',
    'limit' => 1,
    'mode' => 1,
    'sqlfilters' => '(t.nom:=:'.filterValue($argv[1]).')',
]);
if (!$found) {
    fwrite(STDERR, "there is no customer of the name $argv[1]\n");
    exit(1);
}
echo $found[0]['id'], "\n";
