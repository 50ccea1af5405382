<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Modules by the name that follows "mod": number, class of rights, folders, constants, rights as id => "type level1.level2".
// Ids and names are those of 22.0.4. What ends in _advance counts only with MAIN_USE_ADVANCED_PERMS.
return array(
	'Api' => array('numero' => 2610, 'rights_class' => 'api', 'core_enabled' => 1, 'dirs' => array('/api/temp'), 'rights' => array(2610 => 'w apikey.generate')),
	'User' => array('numero' => 0, 'rights_class' => 'user', 'dirs' => array('/users/temp'), 'rights' => array(
		251 => 'w user.lire', 252 => 'w user_advance.readperms', 253 => 'w user.creer', 254 => 'w user_advance.write', 255 => 'w user.password',
		256 => 'w user.supprimer', 341 => 'w self_advance.readperms', 342 => 'w self.creer', 343 => 'w self.password', 344 => 'w self_advance.writeperms',
		351 => 'w group_advance.read', 352 => 'w group_advance.readperms', 353 => 'w group_advance.write', 354 => 'w group_advance.delete', 358 => 'w user.export',
	)),
	'Societe' => array('numero' => 1, 'rights_class' => 'societe', 'requiredby' => array('modFacture', 'modCommande'), 'dirs' => array('/societe/temp'),
		'const' => array('SOCIETE_CODECLIENT_ADDON' => 'mod_codeclient_monkey', 'SOCIETE_CODECOMPTA_ADDON' => 'mod_codecompta_panicum'), 'rights' => array(
			121 => 'r lire', 122 => 'w creer', 125 => 'd supprimer', 126 => 'r export', 130 => 'w thirdparty_paymentinformation.write', 262 => 'r client.voir',
			281 => 'r contact.lire', 282 => 'w contact.creer', 283 => 'd contact.supprimer', 286 => 'd contact.export',
		)),
	'Product' => array('numero' => 50, 'rights_class' => 'produit', 'requiredby' => array('modStock', 'modVariants'), 'dirs' => array('/product/temp'),
		'const' => array('PRODUCT_CODEPRODUCT_ADDON' => 'mod_codeproduct_leopard', 'PRODUCT_PRICE_UNIQ' => '1'), 'rights' => array(
			31 => 'r lire', 32 => 'w creer', 33 => 'w product_advance.read_prices', 34 => 'd supprimer', 35 => 'w product_advance.read_supplier_prices',
			38 => 'r export', 39 => 'r ignore_price_min_advance',
		)),
	// Nothing is behind it but that PostgreSQL then deletes products, see Products::remove()
	'Variants' => array('numero' => 610, 'rights_class' => 'variants', 'depends' => array('modProduct'), 'rights' => array(611 => 'w read', 612 => 'w write', 613 => 'w delete')),
	'Service' => array('numero' => 53, 'rights_class' => 'service', 'dirs' => array('/product/temp'), 'rights' => array(
		531 => 'r lire', 532 => 'w creer', 533 => 'w service_advance.read_prices', 534 => 'd supprimer', 535 => 'w service_advance.read_supplier_prices', 538 => 'r export',
	)),
	'Commande' => array('numero' => 25, 'rights_class' => 'commande', 'depends' => array('modSociete'), 'dirs' => array('/commande/temp'),
		'const' => array('COMMANDE_ADDON_PDF' => 'eratosthene', 'COMMANDE_ADDON' => 'mod_commande_marbre'), 'rights' => array(
			81 => 'r lire', 82 => 'w creer', 84 => 'd order_advance.validate', 85 => 'd order_advance.generetedoc', 86 => 'd order_advance.send',
			87 => 'd order_advance.close', 88 => 'd order_advance.annuler', 89 => 'd supprimer', 1421 => 'r commande.export',
		)),
	'Facture' => array('numero' => 30, 'rights_class' => 'facture', 'depends' => array('always' => 'modSociete'), 'dirs' => array('/facture/temp'),
		'const' => array('FACTURE_ADDON' => 'mod_facture_terre', 'FACTURE_ADDON_PDF' => 'sponge'), 'rights' => array(
			11 => 'a lire', 12 => 'a creer', 13 => 'a invoice_advance.unvalidate', 14 => 'a invoice_advance.validate', 15 => 'a invoice_advance.send',
			16 => 'a paiement', 19 => 'a supprimer', 1321 => 'r facture.export', 1322 => 'r invoice_advance.reopen',
		)),
	'Stock' => array('numero' => 52, 'rights_class' => 'stock', 'depends' => array('modProduct'), 'dirs' => array('/stock/temp'),
		'const' => array('STOCK_DISALLOW_NEGATIVE_TRANSFER' => '1', 'STOCK_ADDON_PDF' => 'standard_stock'), 'rights' => array(
			1001 => 'r lire', 1002 => 'w creer', 1003 => 'd supprimer', 1004 => 'r mouvement.lire', 1005 => 'w mouvement.creer',
			1011 => 'w inventory_advance.read', 1012 => 'w inventory_advance.write', 1013 => 'w inventory_advance.delete',
		)),
);
