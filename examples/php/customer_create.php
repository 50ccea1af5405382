<?php
// Create a customer and print its id: customer_create.php NAME E-MAIL
require __DIR__.'/api.php';

$customer = ['name' => $argv[1], 'email' => $argv[2], 'client' => '1', 'code_client' => '-1'];
echo callAPI('POST', 'thirdparties', $customer), "\n";
