<?php
// Create a product unless its reference is taken, and print its id: product_create_if_missing.php REF
require __DIR__.'/api.php';

$ref = $argv[1];
$found = listOf('products', ['sqlfilters' => '(t.ref:=:'.filterValue($ref).')', 'limit' => 1]);
echo $found ? $found[0]['id'] : callAPI('POST', 'products', ['ref' => $ref, 'label' => $ref, 'status' => 1]), "\n";
