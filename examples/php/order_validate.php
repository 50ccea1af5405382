<?php
// Validate an order, and print the reference that it gets: order_validate.php ORDER. Twice does no harm (304).
require __DIR__.'/api.php';

$order = (int) $argv[1];
callAPI('POST', "orders/$order/validate", ['idwarehouse' => 0, 'notrigger' => 0]);
echo callAPI('GET', "orders/$order")['ref'], "\n";
